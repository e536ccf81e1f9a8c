"""Three MongoDB members, of which the primary is lost, under services that know the addresses of all."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.outages import HARMS, develop_through
from tests.conftest import do_without
from tests.processes import RunningDarkroom, running_services
from tests.servers import Server, ServerUnavailable
from tests.servers.mongodb import with_database
from tests.servers.mongodb_set import MongodbSet, running_mongodb_set
from tests.servers.rabbitmq import RabbitmqAddress

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def replica_set() -> Iterator[MongodbSet]:
    """A replica set of this module's own."""
    try:
        with running_mongodb_set() as running:
            yield running
    except ServerUnavailable as unavailable:
        do_without(unavailable)


@pytest.fixture(scope="module")
def darkroom(
    replica_set: MongodbSet, rabbitmq_server: Server[RabbitmqAddress], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningDarkroom]:
    """Four processes on the set; they live through every loss."""
    mongodb_url = with_database(replica_set.address.url, f"darkroom_test_{uuid.uuid4().hex[:12]}")
    with (
        rabbitmq_server.address.fresh_virtual_host() as rabbitmq_url,
        running_services(tmp_path_factory.mktemp("darkroom"), rabbitmq_url, mongodb_url) as running,
    ):
        yield running


@pytest.mark.parametrize("harm", HARMS)
def test_losing_the_primary_costs_nothing(
    replica_set: MongodbSet, darkroom: RunningDarkroom, photographs: list[Path], harm: str
) -> None:
    """The others elect another one, and services find it; a primary that comes back has lost its writes to it."""
    develop_through(darkroom, photographs, harm, replica_set.primary)
    replica_set.wait_until_whole()
    assert darkroom.is_ready(), darkroom.logs()
