from pathlib import Path

from typer.testing import CliRunner

from darkroom.cli import app
from services.chunker.settings import ChunkerSettings
from services.gateway.settings import GatewaySettings
from services.tracker.settings import TrackerSettings
from services.worker.settings import WorkerSettings

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_page_of_settings_is_what_the_command_prints() -> None:
    """`make docs` writes it anew."""
    assert PAGE.read_text() == CliRunner().invoke(app, ["settings"]).output


def test_every_setting_of_every_service_is_on_the_page() -> None:
    """By the name of its environment variable."""
    page = PAGE.read_text()
    for settings in (ChunkerSettings, GatewaySettings, TrackerSettings, WorkerSettings):
        for name in settings.model_fields:
            assert f"| `DARKROOM_{name.upper()}` |" in page
