import subprocess
import sys
from collections.abc import Sequence

import pytest
import structlog
from pydantic import ValidationError

from services.chunker.settings import ChunkerSettings
from services.gateway.settings import GatewaySettings
from services.tracker.settings import TrackerSettings
from services.worker.settings import WorkerSettings
from shared.running.former_settings import warn_of_former_names
from shared.running.settings import InvalidSettingsError, ServiceSettings

ALL = [ServiceSettings, GatewaySettings, ChunkerSettings, TrackerSettings, WorkerSettings]


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under one prefix, and read anew by each service."""
    monkeypatch.setenv("DARKROOM_RABBITMQ_URL", "amqp://broker/")
    monkeypatch.setenv("DARKROOM_WINDOW_CHUNKS", "7")
    monkeypatch.setenv("DARKROOM_SOMETHING_ELSE", "ignored")
    settings = ChunkerSettings()
    assert (settings.rabbitmq_url, settings.window_chunks, settings.mongodb_url) == ("amqp://broker/", 7, None)


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        (ChunkerSettings, "window_chunks", "0"),
        (ChunkerSettings, "queued_lease_seconds", "0"),
        (ChunkerSettings, "sweep_seconds", "-1"),
        (TrackerSettings, "fold_max_results", "none"),
        (WorkerSettings, "worker_children", "0"),
        (WorkerSettings, "lease_seconds", "0"),
        (ServiceSettings, "log_format", "xml"),
        (ServiceSettings, "log_level", "verbose"),
        (ServiceSettings, "log_level", ""),
        (ServiceSettings, "health_port", "70000"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(
    settings: type[ServiceSettings], name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the service starts, rather than as a puzzle at run time."""
    variable = f"DARKROOM_{name.upper()}"
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettingsError, match=f"^{variable}: .+"):
        settings()


@pytest.mark.parametrize("command", [["-m", "services.chunker"], ["-m", "darkroom", "serve"]])
def test_a_process_ends_with_a_sentence_for_each_setting_that_is_wrong(
    command: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And without a traceback, which only its developers read."""
    wrong = {"DARKROOM_LOG_LEVEL": "verbose", "DARKROOM_HEALTH_PORT": "70000"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    ended = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert [line.split(":")[0] for line in ended.stderr.splitlines()] == list(wrong)
    assert "'DEBUG', 'INFO'" in ended.stderr


@pytest.mark.parametrize("level", ["debug", "Warning", "ERROR", "critical"])
def test_a_log_level_is_read_in_letters_of_either_case(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it always was."""
    monkeypatch.setenv("DARKROOM_LOG_LEVEL", level)
    assert ServiceSettings().log_level == level.upper()


@pytest.mark.parametrize(
    ("old", "settings", "field"),
    [
        ("DARKROOM_MOST_BACKLOG_SECONDS", GatewaySettings, "max_backlog_seconds"),
        ("DARKROOM_FOLD_MOST_RESULTS", TrackerSettings, "fold_max_results"),
        ("DARKROOM_MOST_SETTLING_SECONDS", TrackerSettings, "max_settling_seconds"),
    ],
)
def test_a_former_name_is_read_and_logged_as_deprecated(
    old: str, settings: type[ServiceSettings], field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One log line names the old name and the new one; the new one wins when both are set."""
    new = f"DARKROOM_{field.upper()}"
    monkeypatch.setenv(old, "7")
    assert getattr(settings(), field) == 7
    with structlog.testing.capture_logs() as lines:
        warn_of_former_names()
    assert lines == [{"event": "setting_deprecated", "log_level": "warning", "old": old, "new": new}]
    monkeypatch.setenv(new, "8")
    assert getattr(settings(), field) == 8


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "amqp://one:two@broker:5672/host"),
        ({"USER": "me", "PASSWORD": "p@/ #%:ä"}, "amqp://me:p%40%2F%20%23%25%3A%C3%A4@broker:5672/host"),
        ({"PASSWORD": "a/b"}, "amqp://one:a%2Fb@broker:5672/host"),
        ({"USER": "m@e"}, "amqp://m%40e:two@broker:5672/host"),
    ],
)
def test_any_password_can_be_given_apart_from_the_address(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is quoted where it gets into the address, and never shown."""
    monkeypatch.setenv("DARKROOM_RABBITMQ_URL", "amqp://one:two@broker:5672/host")
    for name, value in variables.items():
        monkeypatch.setenv(f"DARKROOM_RABBITMQ_{name}", value)
    assert ServiceSettings().broker_url == expected
    assert variables.get("PASSWORD", "p@/ #%:ä") not in repr(ServiceSettings())


@pytest.mark.parametrize("settings", ALL)
def test_every_setting_is_described_and_cannot_change(settings: type[ServiceSettings]) -> None:
    """The documentation is made from these descriptions."""
    assert all(field.description for field in settings.model_fields.values())
    with pytest.raises(ValidationError):
        settings().log_level = "DEBUG"  # type: ignore[misc]  # frozen: that is the point


def test_durations_carry_their_unit() -> None:
    """A setting of type float is a duration in seconds, and says so."""
    floats = {name for settings in ALL for name, field in settings.model_fields.items() if field.annotation is float}
    assert floats
    assert all(name.endswith("_seconds") for name in floats)


def test_leases_outlast_several_heartbeats() -> None:
    """One late renewal must not look like a lost worker."""
    settings = WorkerSettings()
    assert settings.lease_seconds >= 3 * settings.heartbeat_seconds
