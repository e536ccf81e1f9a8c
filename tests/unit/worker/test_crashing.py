"""Workers that end at any moment: whoever comes next finishes, and nothing durable is done again."""

from collections.abc import Collection
from contextlib import suppress
from typing import Literal

import pytest

from services.worker.chunks.work import CRASHED_SENTENCE, MAX_SUSPICIONS, SUSPICIOUS_LOSSES
from shared.errors import StorageUnavailableError
from shared.messaging.messages import ChunkFailed, ChunkReady, ImageFailed
from tests.fakes import Crash, CrashError
from tests.unit.worker.stage import READY, Stage, Worker

pytestmark = pytest.mark.usefixtures("quick_and_single")

ALL = {0, 1, 2, 3}
SCENARIOS: dict[str, tuple[bool, bool]] = {
    "well": (False, False),
    "storage failing": (True, False),
    "suspicious": (False, True),
    "suspicious, storage failing": (True, True),
}
"""Whether one image meets a storage failure, and whether the chunk has lost workers before."""


async def staged(*, failing: bool, suspicious: bool) -> Stage:
    """A stage for one crash."""
    stage = Stage()
    await stage.set_up()
    if suspicious:
        await stage.lose(SUSPICIOUS_LOSSES)
    if failing:
        stage.engine.instead[b"original 1"] = StorageUnavailableError("down")
    return stage


async def ended(stage: Stage) -> Collection[int]:
    """The images whose result the broker has, or the document."""
    return {*stage.completed(), *(int(index) for index in (await stage.chunk()).outcomes)}


async def handled_by(stage: Stage, survivor: Worker, message: ChunkReady) -> None:
    """Let a survivor handle a message, and see that it develops nothing that was in the document before."""
    folded = {f"original {index}".encode() for index in (await stage.chunk()).outcomes}
    developed_before = len(stage.engine.developed)
    await survivor.handlers.chunk_ready(message)
    assert not folded & set(stage.engine.developed[developed_before:])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_crash_at_any_call_loses_no_image(scenario: str, when: Literal["before", "after"]) -> None:
    """Whichever call the worker ends at, each image is told, or folded, or its chunk is waiting for a retry.

    Then the retry comes, and each is told or folded. No image that was folded is developed again.
    """
    failing, suspicious = SCENARIOS[scenario]
    for at in range(100):
        stage = await staged(failing=failing, suspicious=suspicious)
        crash, survivor = Crash(at, when), stage.another("next")
        with suppress(CrashError):
            await stage.another("dead", crash).handlers.chunk_ready(READY)
        if crash.has_happened:
            await handled_by(stage, survivor, READY)
        assert ALL - set(await ended(stage)) <= ({1} if stage.retries() else set()), f"crash {when} call {at}"
        assert {attempt for attempt, _ in stage.retries()} <= {1, 2}
        stage.engine.instead.clear()
        for message, step in stage.publisher.later:
            assert isinstance(message, ChunkReady)
            stage.clock.step(step.delay_seconds)
            await handled_by(stage, survivor, message)
        assert await ended(stage) == ALL, f"crash {when} call {at}"
        assert (await stage.chunk()).losses <= (SUSPICIOUS_LOSSES if suspicious else 0) + 1
        assert not stage.publisher.of(ChunkFailed)
        assert not stage.publisher.of(ImageFailed)
        if not crash.has_happened:
            assert at >= 15  # two reads, a claim, and three calls at least for each image
            return
    pytest.fail("the handler never ran without a crash")


@pytest.mark.parametrize("hostile", [[2], [0, 3]], ids=["one hostile image", "two hostile images"])
async def test_an_image_that_ends_its_workers_is_found_and_fails_by_name(hostile: list[int]) -> None:
    """However many workers it takes along, the suspicion falls on it alone, and its siblings complete."""
    stage = await staged(failing=False, suspicious=False)
    for index in hostile:
        stage.engine.instead[f"original {index}".encode()] = CrashError()
    lost = 0
    for number in range(20):
        try:
            await stage.another(f"worker-{number}").handlers.chunk_ready(READY)
        except CrashError:
            lost += 1
        else:
            break
    assert lost == SUSPICIOUS_LOSSES + MAX_SUSPICIONS * len(hostile)
    assert set(stage.completed()) == ALL - set(hostile)
    assert {(failed.index, failed.code, failed.message) for failed in stage.publisher.of(ImageFailed)} == {
        (index, "crashed", CRASHED_SENTENCE) for index in hostile
    }
    chunk = await stage.chunk()
    assert chunk.suspicions == {str(index): MAX_SUSPICIONS for index in hostile}
    assert chunk.unexplained_losses == SUSPICIOUS_LOSSES
