import pytest
from pydantic import ValidationError

from services.chunker.settings import ChunkerSettings
from services.tracker.settings import TrackerSettings
from services.worker.settings import WorkerSettings
from shared.running.settings import ServiceSettings

ALL = [ServiceSettings, ChunkerSettings, TrackerSettings, WorkerSettings]


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
        (ServiceSettings, "health_port", "70000"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(
    settings: type[ServiceSettings], name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the service starts, rather than as a puzzle at run time."""
    monkeypatch.setenv(f"DARKROOM_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        settings()


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
