"""The facts of finished generations: recorded by whoever finishes them, and by no crash lost."""

from contextlib import suppress
from datetime import timedelta
from typing import Literal

import pytest

from shared.documents import BatchFacts, FactSums
from tests.fakes import START, Crash, CrashError
from tests.unit.tracker.stage import Stage


async def facts(stage: Stage) -> list[FactSums]:
    """The sums over all facts."""
    return list(await stage.documents.statistics.finished(START, START + timedelta(days=1)))


async def test_a_batch_that_is_finished_has_its_facts_recorded() -> None:
    """And one that is not has none."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.failed(0), *(stage.completed(index) for index in range(1, 5))])
    assert await facts(stage) == []
    await stage.handlers.results([stage.completed(5)])
    [sums] = await facts(stage)
    assert (sums.status, sums.batches, sums.completed_images, sums.failed_images) == ("FAILURE", 1, 5, 1)


async def test_a_batch_that_is_ended_early_has_its_facts_recorded() -> None:
    """Revoked images are in no chunk's sums, but in these."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.completed(0)])
    stage.endings.expect(await stage.cancel())
    stage.clock.step(5)
    await stage.endings.end_due()
    [sums] = await facts(stage)
    assert (sums.status, sums.completed_images, sums.revoked_images) == ("REVOKED", 1, 5)


async def test_each_generation_has_facts_of_its_own() -> None:
    """A retry that ends does not replace what it retries."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.failed(0), *(stage.completed(index) for index in range(1, 6))])
    await stage.change(lambda batch: batch.retried(stage.clock()))
    await stage.release_more()
    again = stage.completed(0).model_copy(update={"chunk": (await stage.batch()).first_chunk})
    await stage.handlers.results([again])
    assert [(sums.status, sums.batches, sums.completed_images) for sums in await facts(stage)] == [
        ("FAILURE", 1, 5),
        ("SUCCESS", 1, 1),
    ]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(8))
async def test_a_tracker_that_dies_anywhere_while_a_batch_ends_loses_no_facts(
    at: int, when: Literal["before", "after"]
) -> None:
    """A batch that is finished has the facts that its document says; another tracker finishes one that is not."""
    stage = Stage(total_images=2)
    await stage.release()
    dying = stage.crashing(Crash(at, when))
    with suppress(CrashError):
        await dying.handlers.results([stage.completed(0), stage.completed(1)])
    batch = await stage.batch()
    if batch.is_finished:
        assert [sums.batches for sums in await facts(stage)] == [1]
    stage.clock.step(1)
    await stage.handlers.results([stage.completed(0), stage.completed(1)])
    stored = stage.documents.statistics._facts
    assert list(stored.values()) == [BatchFacts.of(await stage.batch())]


async def test_facts_say_what_became_of_a_batch_that_was_cancelled_while_it_ended() -> None:
    """It was read before the cancel, and changed after it."""
    stage = Stage(total_images=2)
    await stage.release()
    record = stage.documents.statistics.record_facts

    async def cancelled_meanwhile(facts: BatchFacts) -> None:
        stage.documents.statistics.record_facts = record  # type: ignore[method-assign]  # only the first call
        await record(facts)
        await stage.cancel()

    stage.documents.statistics.record_facts = cancelled_meanwhile  # type: ignore[method-assign]  # as above
    await stage.handlers.results([stage.completed(0), stage.completed(1)])
    assert (await stage.batch()).status == "REVOKED"
    assert [(sums.status, sums.batches) for sums in await facts(stage)] == [("REVOKED", 1)]
