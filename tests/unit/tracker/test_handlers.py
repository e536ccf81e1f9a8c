import asyncio
import random
from collections.abc import Sequence
from typing import Literal

import pytest

from services.tracker.progress import SingleResult, foldings
from shared.documents import Batch, ChunkTotals
from shared.messaging.messages import BatchProgressed, ChunkFailed, ChunkSettled, ImageCompleted
from tests.fakes import Crash, CrashError, new_batch, until
from tests.unit.tracker.stage import Stage

COUNTERS = ("completed_images", "failed_images", "completed_chunks", "failed_chunks")


def counters(batch: Batch) -> tuple[int, int, int, int]:
    """What people see."""
    return batch.completed_images, batch.failed_images, batch.completed_chunks, batch.failed_chunks


@pytest.mark.parametrize("seed", range(20))
async def test_results_in_any_order_with_duplicates_give_the_same_counters(seed: int) -> None:
    """Folded in micro-batches of any cut, by racing trackers; the end comes exactly with the last image."""
    chance = random.Random(seed)
    stage = Stage(total_images=13, chunk_size=3)
    await stage.release()
    each: list[SingleResult] = [stage.failed(i) if i % 5 == 0 else stage.completed(i) for i in range(13)]
    results = [*each, *each, *each]
    chance.shuffle(results)
    seen: set[int] = set()
    while results:
        cut = chance.randint(1, 5)
        racing, results = [results[:cut], results[cut : 2 * cut]], results[2 * cut :]
        await asyncio.gather(*(stage.handlers.results(some) for some in racing))
        seen |= {result.index for some in racing for result in some if not isinstance(result, ChunkFailed)}
        batch = await stage.batch()
        assert batch.ended_images == len(seen)
        assert batch.is_finished == (len(seen) == 13)
    assert counters(await stage.batch()) == (10, 3, 5, 0)
    assert (await stage.batch()).status == "FAILURE"


async def test_the_same_results_again_change_nothing() -> None:
    """Handled twice is handled once: no new version, no new hint."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.completed(0), stage.failed(1)])
    once, hints = await stage.batch(), stage.publisher.of(BatchProgressed)
    stage.clock.step(5)
    await stage.handlers.results([stage.failed(0), stage.completed(1), stage.completed(1)])
    assert await stage.batch() == once
    assert stage.publisher.of(BatchProgressed) == hints


async def test_the_batches_of_one_fold_do_not_wait_for_each_other() -> None:
    """Each one's hint is on its way before the first is confirmed."""
    stage = Stage()
    for batch_id in ("b", "c", "d"):
        batch = new_batch(batch_id)
        await stage.documents.batches.add(batch.released(5, stage.clock()))
        await stage.documents.chunks.add(await stage.plan(batch, range(5)))
    stage.publisher.go_on.clear()
    folding = asyncio.create_task(
        stage.handlers.results([ImageCompleted(batch_id=batch_id, chunk=0, index=0) for batch_id in ("b", "c", "d")])
    )
    await until(lambda: stage.publisher.under_way == 3)
    stage.publisher.go_on.set()
    await folding
    assert {hint.batch_id for hint in stage.publisher.of(BatchProgressed)} == {"b", "c", "d"}


@pytest.mark.parametrize(("bad", "status"), [([], "SUCCESS"), ([5], "FAILURE"), (range(6), "FAILURE")])
async def test_the_status_tells_whether_every_image_completed(bad: Sequence[int], status: str) -> None:
    """FAILURE means finished with at least one failed image; a chunk with unreadable images is a completed chunk."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.failed(i) if i in bad else stage.completed(i) for i in range(6)])
    batch = await stage.batch()
    assert (batch.status, batch.finished_at) == (status, stage.clock())
    assert [chunk.settled_at for chunk in await stage.chunks()] == [stage.clock()] * 3
    assert counters(batch) == (6 - len(bad), len(bad), 3, 0)


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
async def test_a_failed_chunk_fails_only_its_images_without_outcome(late: bool) -> None:  # noqa: FBT001 - a parameter
    """What was developed stays developed, and what is told after the end changes nothing."""
    stage = Stage()
    await stage.release()
    given_up = ChunkFailed(batch_id="b", chunk=0, code="storage_unavailable", message="Down.")
    await stage.handlers.results([stage.completed(0)])
    await stage.handlers.results([given_up, given_up])
    if late:
        await stage.handlers.results([stage.completed(1), stage.failed(0)])
    assert counters(await stage.batch()) == (1, 1, 0, 1)
    await stage.handlers.results([stage.completed(i) for i in range(2, 6)])
    batch = await stage.batch()
    assert counters(batch) == (5, 1, 2, 1)
    assert batch.status == "FAILURE"
    (chunk,) = await stage.documents.chunks.overlapping("b", 0, 1)
    assert (chunk.outcomes["1"].code, chunk.outcomes["0"].state) == ("storage_unavailable", "completed")


async def test_a_chunk_that_fails_after_its_images_ended_is_a_completed_chunk() -> None:
    """Its last attempt was redelivered after the results; nothing was missing."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.completed(0), stage.completed(1)])
    await stage.handlers.results([ChunkFailed(batch_id="b", chunk=0, code="crashed", message="Late.")])
    assert counters(await stage.batch()) == (2, 0, 1, 0)


async def test_results_of_unknown_batches_chunks_and_images_change_nothing() -> None:
    """They are folded into nothing, and must not keep the others from being folded."""
    stage = Stage()
    await stage.release()
    strangers: list[SingleResult] = [
        ImageCompleted(batch_id="nobody", chunk=0, index=0),
        ImageCompleted(batch_id="b", chunk=77, index=0),
        ImageCompleted(batch_id="b", chunk=0, index=5),
        ChunkFailed(batch_id="b", chunk=78, code="crashed", message="."),
    ]
    await stage.handlers.results([*strangers, stage.completed(0)])
    assert counters(await stage.batch()) == (1, 0, 0, 0)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_any_call_counts_nothing_twice(when: Literal["before", "after"]) -> None:
    """Whichever call the process ends at, the redelivery gives the same end as no crash."""
    for at in range(100):
        stage = Stage()
        await stage.release()
        await stage.handlers.results([stage.completed(i) for i in range(4)])
        last: list[SingleResult] = [stage.failed(4), stage.completed(5)]
        crash = Crash(at, when)
        try:
            await stage.crashing(crash).handlers.results(last)
        except CrashError:
            await stage.handlers.results(last)
        batch = await stage.batch()
        assert counters(batch) == (5, 1, 3, 0), f"crash {when} call {at}"
        assert batch.status == "FAILURE"
        if not crash.has_happened:
            assert at >= 5  # fold, get, totals, change, hint
            return
    pytest.fail("the handler never ran without a crash")


async def test_the_sweep_adds_up_what_a_crash_left_folded() -> None:
    """Even if no result of the batch ever comes again: folded and not added up is found."""
    stage = Stage()
    await stage.release()
    with pytest.raises(CrashError):
        await stage.crashing(Crash(0, "after")).handlers.results([stage.completed(i) for i in range(6)])
    assert (await stage.batch()).completed_images == 0
    await stage.reconciler.sweep()
    batch = await stage.batch()
    assert (batch.status, batch.completed_images) == ("SUCCESS", 6)
    assert stage.publisher.of(BatchProgressed)[-1].batch_version == batch.version


async def test_the_sweep_reaches_every_batch() -> None:
    """From page to page, past batches that have not begun."""
    stage = Stage()
    await stage.release()
    for number in range(250):
        await stage.documents.batches.add(new_batch(f"a-{number:03}"))
    await stage.documents.chunks.fold(foldings([stage.completed(0)]))
    await stage.reconciler.sweep()
    assert (await stage.batch()).completed_images == 1


async def test_the_chunker_hears_how_many_chunks_have_settled() -> None:
    """When one has settled and there are more to release; the chunker's own sweep makes up for a lost message."""
    stage = Stage()
    await stage.release(chunks=2)
    await stage.handlers.results([stage.completed(0)])
    await stage.handlers.results([stage.completed(1)])
    assert [message.settled_chunks for message in stage.publisher.of(ChunkSettled)] == [1]


async def test_a_batch_of_which_everything_is_released_makes_room_for_others() -> None:
    """So the chunker hears of its settled chunks as well, to the last."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.completed(i) for i in range(6)])
    assert [message.settled_chunks for message in stage.publisher.of(ChunkSettled)] == [3]


async def test_hints_carry_the_version_that_was_stored() -> None:
    """A gateway that has this version already need not look."""
    stage = Stage()
    await stage.release()
    for index in range(6):
        await stage.handlers.results([stage.completed(index)])
        assert stage.publisher.of(BatchProgressed)[-1].batch_version == (await stage.batch()).version
    assert len(stage.publisher.of(BatchProgressed)) == 6


@pytest.mark.parametrize("seed", range(5))
async def test_sealed_sums_and_the_rest_equal_a_full_sum(seed: int) -> None:
    """More than a thousand chunks that settle in a rolling order, added up by racing trackers with crashes between."""
    chance = random.Random(seed)
    stage = Stage(total_images=2400, chunk_size=2, chunks_per_seal=50)
    await stage.release()
    order = sorted(range(2400), key=lambda index: index + chance.randint(0, 200))
    results: list[SingleResult] = [stage.failed(i) if i % 7 == 0 else stage.completed(i) for i in order]
    sealed = 0
    for start in range(0, 2400, 60):
        part = results[start : start + 60]
        try:
            await stage.crashing(Crash(chance.randint(0, 20), "after")).handlers.results(part)
        except CrashError:
            await asyncio.gather(*(stage.handlers.results(part) for _ in range(3)))
        batch, truth = await stage.batch(), await stage.full_sum()
        assert counters(batch) == tuple(getattr(truth, name) for name in COUNTERS)
        front = await stage.documents.chunks.totals("b", 0, 0, batch.sealed.through)
        assert ChunkTotals(**batch.sealed.model_dump(include=set(ChunkTotals.model_fields))) == front
        assert batch.sealed.through >= sealed
        sealed = batch.sealed.through
    assert sealed > 1000
    assert counters(await stage.batch()) == (2057, 343, 1200, 0)
    assert sum((await stage.batch()).failure_codes.values()) == 343


async def test_adding_up_reads_only_what_is_not_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cost per image stays flat: a roll-up late in a huge batch reads no more chunks than an early one."""
    stage = Stage(total_images=2000, chunk_size=1, chunks_per_seal=20)
    await stage.release()
    reads: list[int] = []
    totals = stage.documents.chunks.totals

    async def noted(batch_id: str, generation: int, first: int, end: int | None = None) -> ChunkTotals:
        settled = await totals(batch_id, generation, first, end)
        reads.append(settled.settled_chunks)
        return settled

    monkeypatch.setattr(stage.documents.chunks, "totals", noted)
    for start in range(0, 2000, 10):
        await stage.handlers.results([stage.completed(i) for i in range(start, start + 10)])
    assert max(reads) <= 30
    assert (await stage.batch()).status == "SUCCESS"


async def test_chunks_that_are_not_recorded_yet_are_never_sealed() -> None:
    """Nothing is known of them, and a seal over them would hide their images for ever."""
    stage = Stage(total_images=20, chunk_size=2, chunks_per_seal=2)
    await stage.release(chunks=4)
    await stage.handlers.results([stage.completed(i) for i in range(8)])
    batch = await stage.batch()
    assert (batch.sealed.through, batch.sealed.completed_images) == (4, 8)
