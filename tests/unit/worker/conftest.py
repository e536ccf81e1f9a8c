"""What the tests of workers have in common."""

import pytest

from tests.unit.worker.stage import Stage


@pytest.fixture
def quick_and_single(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted are results: that they may share messages is tested beside this."""
    monkeypatch.setattr("services.worker.chunks.results.MAX_RESULTS", 1)
    monkeypatch.setattr("services.worker.chunks.results.GATHER_SECONDS", 0)
    monkeypatch.setattr("services.worker.handlers.RETRY_JITTER", 0)


@pytest.fixture
async def stage(quick_and_single: None) -> Stage:  # noqa: ARG001 - it is for what it does
    """A released chunk that nobody has claimed."""
    stage = Stage()
    await stage.set_up()
    return stage
