"""A running Darkroom for each end-to-end test, and photographs to upload."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from darkroom.sample_photographs import write_sample_photographs
from tests.processes import RunningDarkroom, running_embedded, running_services


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Twenty-four small photographs: JPEG, PNG and WebP, every orientation, one with a Korean name."""
    return write_sample_photographs(tmp_path_factory.mktemp("photographs"), count=24, megapixels=0.5)


@pytest.fixture(params=["embedded", "real servers"])
def darkroom(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningDarkroom]:
    """The same system twice: in one process, and as four on RabbitMQ and MongoDB."""
    if request.param == "embedded":
        with running_embedded(tmp_path) as running:
            yield running
    else:
        urls = (request.getfixturevalue("rabbitmq_url"), request.getfixturevalue("mongodb_url"))
        with running_services(tmp_path, *urls) as running:
            yield running


@pytest.fixture
def services(rabbitmq_url: str, mongodb_url: str, tmp_path: Path) -> Iterator[RunningDarkroom]:
    """Four processes on RabbitMQ and MongoDB."""
    with running_services(tmp_path, rabbitmq_url, mongodb_url) as running:
        yield running
