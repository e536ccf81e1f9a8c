"""Servers killed in the middle of a batch: it ends by itself, with every image completed exactly once."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.topology import work_queues
from tests.conftest import do_without
from tests.e2e.test_crashes_and_drain import status
from tests.e2e.test_upload_to_prints import follow, images, upload
from tests.processes import RunningDarkroom, running_services, wait_until
from tests.servers import Server, Servers, ServerSettings, ServerUnavailable, running_servers
from tests.servers.rabbitmq import RabbitmqAddress

QUEUE_AGE_SECONDS = 5.0
"""RabbitMQ may lose a quorum queue with all that is in it if it is killed within moments of the queue's declaration."""

COPIES = 10
"""Of each of the 24 photographs: 240 images, 120 chunks of two, more than the 100 that are released at first."""


@pytest.fixture(scope="module")
def own_servers() -> Iterator[Servers]:
    """Servers of this module's own, so that killing them disturbs nobody; native where both can be had."""
    chosen = ServerSettings(rabbitmq_url=None, mongodb_url=None)
    with ExitStack() as stack:
        for way in ("native", "docker") if chosen.servers == "auto" else (chosen.servers,):
            servers = stack.enter_context(running_servers(chosen.model_copy(update={"servers": way})))
            try:
                _ = servers.rabbitmq, servers.mongodb
            except ServerUnavailable as unavailable:
                reason = unavailable
            else:
                yield servers
                return
        do_without(reason)


@pytest.fixture(scope="module")
def darkroom(own_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDarkroom]:
    """Four processes on those servers; they live through all of this module's losses."""
    folder = tmp_path_factory.mktemp("darkroom")
    with running_services(folder, own_servers.rabbitmq_url, own_servers.mongodb_url) as running:
        yield running


def lose_rabbitmq_with_its_data(servers: Servers) -> None:
    """Kill -9, and start empty on the same port."""
    let_queues_age(servers.rabbitmq)
    servers.rabbitmq.kill()
    servers.rabbitmq.wipe()
    servers.rabbitmq.start()


def lose_rabbitmq(servers: Servers) -> None:
    """Kill -9, and start again."""
    servers.rabbitmq.kill()
    servers.rabbitmq.start()


def lose_mongodb(servers: Servers) -> None:
    """Kill -9, and start again."""
    servers.mongodb.kill()
    servers.mongodb.start()


@pytest.mark.parametrize("lose", [lose_rabbitmq_with_its_data, lose_rabbitmq, lose_mongodb])
def test_a_lost_server_costs_nothing(
    own_servers: Servers, darkroom: RunningDarkroom, photographs: list[Path], lose: Callable[[Servers], None]
) -> None:
    """Its connections break and what it held may be gone, yet every image is completed and counted once."""
    let_queues_age(own_servers.rabbitmq)
    expected = len(photographs) * COPIES
    batch_id = upload(darkroom.base_url, photographs * COPIES, "chunk_size=2")["context_id"]
    wait_until(lambda: int(str(status(darkroom, batch_id)["completed_images"])) > 0, "the first image is completed")

    lose(own_servers)

    wait_until(darkroom.is_ready, "the gateway is ready again")
    last = follow(darkroom.base_url, batch_id)[-1]
    assert (last["status"], last["completed_images"], last["failed_images"]) == ("SUCCESS", expected, 0)
    listed = images(darkroom.base_url, batch_id)
    assert [image["index"] for image in listed] == list(range(expected))
    assert all(image["outcome"] == "completed" for image in listed)
