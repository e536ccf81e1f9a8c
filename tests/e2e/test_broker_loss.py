"""Servers killed in the middle of a batch: it ends by itself, with every image completed exactly once."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.messaging.topology import work_queues
from tests.conftest import do_without
from tests.e2e.test_crashes_and_drain import status
from tests.e2e.test_upload_to_prints import follow, images, upload
from tests.processes import RunningDarkroom, running_services, wait_until
from tests.servers import Server, Servers, ServerUnavailable, own_servers
from tests.servers.rabbitmq import RabbitmqAddress

QUEUE_AGE_SECONDS = 5.0
"""RabbitMQ may lose a quorum queue with all that is in it if it is killed within moments of the queue's declaration."""

COPIES = 5
"""Of each of the 24 photographs: 120 chunks of one image, more than the 100 that are released at first."""


@pytest.fixture(scope="module", name="own_servers")
def killable_servers() -> Iterator[Servers]:
    """Servers of this module's own, so that killing them disturbs nobody."""
    try:
        with own_servers() as servers:
            yield servers
    except ServerUnavailable as unavailable:
        do_without(unavailable)


@pytest.fixture(scope="module")
def darkroom(own_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDarkroom]:
    """Four processes on those servers; they live through all of this module's losses."""
    folder = tmp_path_factory.mktemp("darkroom")
    with running_services(folder, own_servers.rabbitmq_url, own_servers.mongodb_url) as running:
        yield running


@pytest.fixture(scope="module")
def declared_at(own_servers: Servers, darkroom: RunningDarkroom) -> float:
    """When, by the monotonic clock, every work queue was there."""
    names = {queue.name for queue in work_queues()}
    wait_until(lambda: darkroom.is_ready() and names <= queue_names(own_servers.rabbitmq), "every queue is declared")
    return time.monotonic()


def queue_names(server: Server[RabbitmqAddress]) -> set[str]:
    """Every queue that the broker has."""
    return {queue["name"] for queue in server.address._call("GET", "queues").json()}


def lose_rabbitmq(servers: Servers) -> None:
    """Kill -9, and start again."""
    servers.rabbitmq.kill()
    servers.rabbitmq.start()


def lose_rabbitmq_with_its_data(servers: Servers) -> None:
    """Kill -9, and start empty on the same port."""
    servers.rabbitmq.kill()
    servers.rabbitmq.wipe()
    servers.rabbitmq.start()


def develop_through(
    lose: Callable[[Servers], None], servers: Servers, darkroom: RunningDarkroom, paths: list[Path]
) -> None:
    """Lose a server in the middle of a batch; each image is completed once, and every service has lived through it."""
    batch_id = upload(darkroom.base_url, paths, "chunk_size=1")["context_id"]
    wait_until(lambda: int(str(status(darkroom, batch_id)["completed_images"])) > 0, "the first image is completed")
    assert status(darkroom, batch_id)["status"] == "STARTED"

    lose(servers)

    wait_until(darkroom.is_ready, "the gateway is ready again")
    last = follow(darkroom.base_url, batch_id)[-1]
    outcome = last["status"], last["completed_images"], last["failed_images"]
    assert outcome == ("SUCCESS", len(paths), 0), darkroom.logs()
    listed = images(darkroom.base_url, batch_id)
    assert [image["index"] for image in listed] == list(range(len(paths)))
    assert all(image["outcome"] == "completed" for image in listed)
    assert darkroom.is_ready(), darkroom.logs()


@pytest.mark.usefixtures("declared_at")
def test_a_killed_database_costs_nothing(
    own_servers: Servers, darkroom: RunningDarkroom, photographs: list[Path]
) -> None:
    """Services wait for MongoDB, and go on with what the broker has kept for them."""

    def lose_mongodb(servers: Servers) -> None:
        servers.mongodb.kill()
        servers.mongodb.start()

    develop_through(lose_mongodb, own_servers, darkroom, photographs * COPIES)


@pytest.mark.parametrize("lose", [lose_rabbitmq, lose_rabbitmq_with_its_data])
def test_a_killed_broker_costs_nothing(
    own_servers: Servers,
    darkroom: RunningDarkroom,
    declared_at: float,
    photographs: list[Path],
    lose: Callable[[Servers], None],
) -> None:
    """Its connections break and what it held may be gone; what is missing is seen in the documents and sent again."""
    wait_until(lambda: time.monotonic() - declared_at > QUEUE_AGE_SECONDS, "the queues are old enough to be killed")
    develop_through(lose, own_servers, darkroom, photographs * COPIES)
