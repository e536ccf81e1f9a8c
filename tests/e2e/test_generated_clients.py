"""Clients that generators make of the OpenAPI document work as they are."""

import subprocess
from pathlib import Path

import httpx
import pytest

from tests.processes import RunningDarkroom
from tests.servers.settings import ServerSettings

ROOT = Path(__file__).parents[2]
GENERATORS = ROOT / "var" / "clients" / "bin"
PROGRAMS = Path(__file__).parent / "generated_clients"
PHOTOGRAPH = ROOT / "examples" / "sample_photographs" / "photographs" / "autumn-meadow.jpg"
SECONDS = 120

OPENAPI_PYTHON_CLIENT = ["openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "client"]
OPENAPI_GENERATOR = ["openapi-generator-cli", "generate", "-i", "openapi.json", "-g", "python", "-o", "client"]

pytestmark = pytest.mark.skipif(
    not (GENERATORS / "python").exists() and not ServerSettings().ci,
    reason="the generators are not installed: make var/clients/.stamp",
)


@pytest.fixture
def darkroom(embedded_darkroom: RunningDarkroom) -> RunningDarkroom:
    """A whole system, in which nothing is yet."""
    embedded_darkroom.remove_everything()
    return embedded_darkroom


def run(command: list[str], folder: Path) -> str:
    """What the command prints; the test fails if the command does."""
    environment = {"PATH": f"{GENERATORS}:/usr/bin:/bin", "PYTHONPATH": str(folder / "client"), "HOME": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("generate", "program"),
    [(OPENAPI_PYTHON_CLIENT, "attrs_client.py"), (OPENAPI_GENERATOR, "pydantic_client.py")],
    ids=["openapi-python-client", "openapi-generator"],
)
def test_a_generated_client_works(darkroom: RunningDarkroom, generate: list[str], program: str, tmp_path: Path) -> None:
    """It uploads by three recipes, polls, saves a recipe and fetches a print; nothing of it is corrected by hand."""
    (tmp_path / "openapi.json").write_bytes(httpx.get(f"{darkroom.base_url}/openapi.json", timeout=30).content)
    run(generate, tmp_path)
    run(["python", str(PROGRAMS / program), darkroom.base_url, str(PHOTOGRAPH)], tmp_path)
