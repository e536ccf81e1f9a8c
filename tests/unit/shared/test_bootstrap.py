"""A service's process that cannot begin: what it logs, and how it ends."""

import json

import pytest

from shared.bootstrap import run_service
from shared.ports import Ports
from shared.running.lifecycle import Readiness, Stopping
from shared.running.settings import ServiceSettings


async def never(ports: Ports, *, stopping: Stopping, readiness: Readiness) -> None:
    """A service that must not begin."""
    pytest.fail(f"it began: {ports}, {stopping}, {readiness}")


@pytest.mark.parametrize("given", [{}, {"rabbitmq_url": "amqp://127.0.0.1/"}, {"mongodb_url": "mongodb://127.0.0.1/"}])
def test_a_service_without_both_servers_ends_with_a_sentence(
    given: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line of the log, and with the exit status of a failure."""
    with pytest.raises(SystemExit) as ended:
        run_service("tracker", ServiceSettings.model_validate({"log_format": "json", **given}), never)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (ended.value.code, line["event"], line["level"]) == (1, "service_failed", "critical")
    assert "Set DARKROOM_RABBITMQ_URL and DARKROOM_MONGODB_URL" in line["problems"][0]
