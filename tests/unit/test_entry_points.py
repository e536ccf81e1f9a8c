"""What `python -m` starts: each service and the command."""

import importlib
import threading

import pytest


@pytest.mark.parametrize(
    "package", ["darkroom", "services.chunker", "services.gateway", "services.tracker", "services.worker"]
)
def test_importing_an_entry_point_starts_nothing(package: str) -> None:
    """Tools that look at every module import these as well; a service would end here, as it has no servers."""
    before = threading.active_count()
    importlib.import_module(f"{package}.__main__")
    assert threading.active_count() == before
