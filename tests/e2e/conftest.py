"""Running Darkrooms for the end-to-end tests, and photographs to upload."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.sample_photographs import write_sample_photographs
from tests.processes import RunningDarkroom, running_services
from tests.servers import Server
from tests.servers.mongodb import MongodbAddress
from tests.servers.rabbitmq import RabbitmqAddress


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Twenty-four small photographs: JPEG, PNG and WebP, every orientation, one with a Korean name."""
    return write_sample_photographs(tmp_path_factory.mktemp("photographs"), count=24, megapixels=0.5)


@pytest.fixture(scope="module", params=["embedded", "real servers"])
def darkroom(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDarkroom]:
    """The same system twice, in one process, and as four on RabbitMQ and MongoDB; a module's tests share it."""
    if request.param == "embedded":
        yield request.getfixturevalue("embedded_darkroom")
        return
    folder = tmp_path_factory.mktemp("darkroom")
    rabbitmq: Server[RabbitmqAddress] = request.getfixturevalue("rabbitmq_server")
    mongodb: Server[MongodbAddress] = request.getfixturevalue("mongodb_server")
    with (
        rabbitmq.address.fresh_virtual_host() as rabbitmq_url,
        mongodb.address.fresh_database() as mongodb_url,
        running_services(folder, rabbitmq_url, mongodb_url) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def services(
    rabbitmq_server: Server[RabbitmqAddress],
    mongodb_server: Server[MongodbAddress],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RunningDarkroom]:
    """Four processes on RabbitMQ and MongoDB, of which each of a module's tests leaves all running."""
    with (
        rabbitmq_server.address.fresh_virtual_host() as rabbitmq_url,
        mongodb_server.address.fresh_database() as mongodb_url,
        running_services(tmp_path_factory.mktemp("services"), rabbitmq_url, mongodb_url) as running,
    ):
        yield running
