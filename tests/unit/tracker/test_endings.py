import asyncio
import random
from collections.abc import Sequence
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.tracker import endings as tracker_endings
from services.tracker.progress import SingleResult
from shared.documents import Chunk, FailureThreshold, Folding, Outcome
from shared.errors import BrokerUnavailableError, DocumentsUnavailableError
from shared.messaging.messages import BatchProgressed, BatchStopped, ImageCompleted
from tests.fakes import DEADLINE_SECONDS, Crash, CrashError, new_batch
from tests.unit.tracker.stage import LEASE_SECONDS, MAX_SETTLING_SECONDS, Stage, Tracker

STOPPED = BatchStopped(batch_id="b")


async def test_a_cancelled_batch_of_which_nothing_is_in_development_ends_a_second_after_its_stop() -> None:
    """Not before, so that results on their way count; everything else is revoked, and gateways hear of it."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.completed(0), stage.failed(1)])
    await stage.cancel()
    await stage.handlers.results([STOPPED])
    stage.clock.step(0.5)
    await stage.endings.end_due()
    assert (await stage.batch()).status == "STARTED"
    await stage.handlers.results([stage.completed(2)])
    stage.clock.step(0.5)
    await stage.endings.end_due()
    batch = await stage.batch()
    assert (batch.status, batch.finished_at) == ("REVOKED", stage.clock())
    assert (batch.completed_images, batch.failed_images, batch.revoked_images) == (2, 1, 3)
    assert (batch.completed_chunks, batch.failed_chunks) == (1, 0)
    assert all(chunk.settled and chunk.settled_at for chunk in await stage.chunks())
    assert stage.publisher.of(BatchProgressed)[-1].batch_version == batch.version


@pytest.mark.parametrize("released", [0, 1, 2], ids=["nothing released", "one of three", "two of three"])
@pytest.mark.parametrize("is_paused", [False, True], ids=["running", "paused"])
async def test_images_in_no_recorded_chunk_are_revoked_as_well(released: int, is_paused: bool) -> None:  # noqa: FBT001 - a parameter
    """A batch may be cancelled in any state: before its first chunk, between two windows, or paused."""
    stage = Stage()
    await stage.release(released)
    if is_paused:
        await stage.change(lambda b: b.with_pause(stage.clock()))
    await stage.cancel()
    await ended_by_message(stage)
    batch = await stage.batch()
    assert (batch.status, batch.revoked_images, batch.pending_images, batch.paused) == ("REVOKED", 6, 0, False)
    assert batch.started_at is not None


async def test_a_chunk_recorded_while_its_batch_ends_is_counted_once() -> None:
    """A chunker had read the batch before the stop; its images are revoked already, in a chunk or in none."""
    stage = Stage()
    await stage.release(1)
    (late,) = await stage.plan(await stage.batch(), range(1, 2))
    await stage.cancel()
    ended = asyncio.create_task(ended_by_message(stage))
    await asyncio.sleep(0)
    await stage.documents.chunks.add([late])
    await ended
    batch = await stage.batch()
    assert (batch.status, batch.revoked_images) == ("REVOKED", 6)
    await stage.documents.chunks.revoke_rest([late.id])
    await stage.handlers.roll_up("b")
    assert await stage.batch() == batch


@pytest.mark.parametrize("last", [[], [5]], ids=["everything completed", "one failed"])
async def test_a_batch_that_completes_after_its_stop_is_still_revoked(last: Sequence[int]) -> None:
    """Whoever cancelled it waits for this status; nothing is left to revoke."""
    stage = Stage()
    await stage.release()
    await stage.cancel()
    await stage.handlers.results([STOPPED])
    await stage.handlers.results([stage.failed(i) if i in last else stage.completed(i) for i in range(6)])
    batch = await stage.batch()
    assert (batch.status, batch.revoked_images, batch.completed_images) == ("REVOKED", 0, 6 - len(last))
    stage.clock.step(2)
    await stage.endings.end_due()
    assert await stage.batch() == batch


async def test_a_finished_batch_is_not_ended_again() -> None:
    """A cancel that came too late changes nothing, and neither does its message."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.completed(i) for i in range(6)])
    done = await stage.cancel()
    assert done.status == "SUCCESS"
    hints = len(stage.publisher.of(BatchProgressed))
    await ended_by_message(stage)
    assert await stage.batch() == done
    assert len(stage.publisher.of(BatchProgressed)) == hints


async def test_messages_about_batches_that_go_on_or_are_gone_end_nothing() -> None:
    """A stray or repeated message is no order: the document says whether a batch is stopped."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([STOPPED, BatchStopped(batch_id="nobody"), stage.completed(0)])
    stage.clock.step(60)
    await stage.endings.end_due()
    batch = await stage.batch()
    assert (batch.status, batch.completed_images) == ("STARTED", 1)


async def test_a_stop_whose_message_was_lost_is_found_by_the_sweep() -> None:
    """The batch document says it; the tracker that had heard of it may have died."""
    stage = Stage()
    await stage.release()
    await stage.cancel()
    await ended_by_sweep(stage)
    assert (await stage.batch()).status == "REVOKED"


async def test_a_clock_that_is_ahead_where_the_batch_was_stopped_does_not_hold_up_its_end() -> None:
    """One second after the tracker has heard of it, if nothing is in development."""
    stage = Stage()
    await stage.release()
    stage.clock.step(600)
    await stage.cancel()
    stage.clock.step(-600)
    await ended_by_message(stage)
    assert (await stage.batch()).status == "REVOKED"


async def test_a_stop_of_the_generation_before_does_not_end_the_retry() -> None:
    """One tracker still has it in mind when another has ended it and the batch is retried, and even stopped again."""
    stage = Stage()
    await stage.release()
    await stage.cancel()
    slow = stage.crashing(Crash(-1, "before"))
    await slow.handlers.results([STOPPED])
    await ended_by_message(stage)
    await stage.change(lambda b: b.retried(stage.clock()))
    await slow.endings.end_due()
    assert ((await stage.batch()).status, (await stage.batch()).generation) == ("PENDING", 1)
    await stage.cancel()
    await slow.endings.end_due()
    assert (await stage.batch()).status == "PENDING"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_any_call_is_made_good_by_another_tracker(when: Literal["before", "after"]) -> None:
    """Whichever call the process ends at, the sweep of the next one gives the same end."""
    for at in range(100):
        stage = Stage()
        await stage.release(2)
        await stage.handlers.results([stage.completed(0)])
        await stage.cancel()
        crash = Crash(at, when)
        dying = stage.crashing(crash)
        try:
            await dying.handlers.results([STOPPED])
            stage.clock.step(1)
            await dying.endings.end_due()
        except CrashError:
            await ended_by_sweep(stage)
        batch = await stage.batch()
        assert (batch.status, batch.completed_images, batch.revoked_images) == ("REVOKED", 1, 5), f"{when} call {at}"
        if not crash.has_happened:
            assert at == 10  # get; get, in_hand, unsettled, revoke_rest, unsettled, totals, facts, change, hint
            return
    pytest.fail("the tracker never ran without a crash")


async def test_what_is_in_development_at_the_stop_is_waited_for_and_counts() -> None:
    """However long it takes; it may be told late, kept by its worker, or fail. What did not run is revoked."""
    stage = Stage()
    await stage.release()
    await stage.claim(0)
    await stage.claim(1)
    await stage.cancel()
    await stage.handlers.results([STOPPED])
    for _ in range(40):
        stage.clock.step(1)
        await stage.endings.end_due()
        await stage.renew()
    assert (await stage.batch()).status == "STARTED"
    await stage.handlers.results([stage.completed(0), stage.failed(2)])
    await stage.documents.chunks.fold([Folding(chunk_id="b:1", outcomes={3: Outcome(state="completed")})])
    await stage.endings.end_due()
    assert not (await stage.batch()).is_finished
    await stage.release_claim(0)
    stage.clock.step(tracker_endings.LOOK_SECONDS)
    await stage.endings.end_due()
    batch = await stage.batch()
    assert (batch.status, batch.finished_at) == ("REVOKED", stage.clock())
    assert (batch.completed_images, batch.failed_images, batch.revoked_images) == (2, 1, 3)


async def test_a_failure_threshold_waits_for_what_is_in_development_as_well() -> None:
    """An image that ends well after the batch was given up is no waste."""
    stage = Stage(failure_threshold=FailureThreshold(percent=50, sample=2))
    await stage.release()
    await stage.claim(2)
    await stage.handlers.results([stage.failed(0), stage.failed(1)])
    stage.clock.step(1)
    await stage.endings.end_due()
    await stage.handlers.results([stage.completed(4), stage.completed(5)])
    stage.clock.step(tracker_endings.LOOK_SECONDS)
    await stage.endings.end_due()
    batch = await stage.batch()
    assert (batch.status, batch.stop) == ("FAILURE", "failure_threshold")
    assert (batch.completed_images, batch.failed_images, batch.revoked_images) == (2, 2, 2)


async def test_a_lost_worker_holds_up_the_end_until_its_lease_is_over() -> None:
    """Nobody knows better before; what it has told counts."""
    stage = Stage()
    await stage.release()
    await stage.claim(0)
    await stage.cancel()
    await stage.handlers.results([STOPPED, stage.completed(0)])
    stage.clock.step(LEASE_SECONDS - 0.001)
    await stage.endings.end_due()
    assert not (await stage.batch()).is_finished
    stage.clock.step(tracker_endings.LOOK_SECONDS)
    await stage.endings.end_due()
    batch = await stage.batch()
    assert (batch.status, batch.completed_images, batch.revoked_images) == ("REVOKED", 1, 5)


async def test_nothing_holds_up_the_end_for_ever() -> None:
    """A worker that shows life and never comes to an end is not waited for any more; its late result changes nothing.

    Counted from the stop, also by a tracker that has just started.
    """
    stage = Stage()
    await stage.release()
    await stage.claim(0)
    await stage.cancel()
    for _ in range(int(MAX_SETTLING_SECONDS)):
        await stage.renew()
        await stage.reconciler.sweep()
        await stage.endings.end_due()
        assert not (await stage.batch()).is_finished
        stage.clock.step(1)
    started = stage.crashing(Crash(-1, "before"))
    await started.reconciler.sweep()
    stage.clock.step(1)
    await stage.renew()
    await started.endings.end_due()
    ended = await stage.batch()
    assert (ended.status, ended.revoked_images) == ("REVOKED", 6)
    await stage.handlers.results([stage.completed(0)])
    assert await stage.batch() == ended


async def test_a_tracker_that_dies_while_it_waits_is_replaced_by_another() -> None:
    """Which waits no longer than the first would have."""
    stage = Stage()
    await stage.release()
    await stage.claim(0)
    await stage.cancel()
    crash = Crash(3, "before")
    dying = stage.crashing(crash)
    await dying.handlers.results([STOPPED])
    stage.clock.step(1)
    await dying.endings.end_due()
    assert not (await stage.batch()).is_finished
    stage.clock.step(1)
    with pytest.raises(CrashError):
        await dying.endings.end_due()
    await ended_by_sweep(stage)
    assert not (await stage.batch()).is_finished
    await stage.handlers.results([stage.completed(0)])
    await stage.release_claim(0)
    stage.clock.step(tracker_endings.LOOK_SECONDS)
    await stage.endings.end_due()
    batch = await stage.batch()
    assert (batch.status, batch.completed_images, batch.revoked_images) == ("REVOKED", 1, 5)


async def test_trackers_that_end_a_batch_at_once_agree() -> None:
    """Each has heard of it, by the message or by a result."""
    stage = Stage(total_images=40)
    await stage.release(15)
    await stage.cancel()
    trackers = [stage.crashing(Crash(-1, "before")) for _ in range(3)]
    for index, tracker in enumerate(trackers):
        await tracker.handlers.results([stage.completed(index)])
    stage.clock.step(1)
    await asyncio.gather(*(tracker.endings.end_due() for tracker in trackers))
    batch = await stage.batch()
    assert (batch.status, batch.completed_images, batch.revoked_images) == ("REVOKED", 3, 37)


async def test_one_batch_that_cannot_be_ended_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again a little later, and not at every look."""
    stage = Stage()
    await stage.release()
    await stage.cancel()
    await stage.documents.batches.add(new_batch("a").stopped("cancelled", stage.clock()))
    unsettled, tries = stage.documents.chunks.unsettled, []

    async def broken(batch_id: str, generation: int, limit: int) -> Sequence[str]:
        if batch_id == "a":
            tries.append(stage.clock())
            raise ValueError("no chunk at all")
        return await unsettled(batch_id, generation, limit)

    monkeypatch.setattr(stage.documents.chunks, "unsettled", broken)
    await stage.handlers.results([BatchStopped(batch_id="a"), STOPPED])
    stage.clock.step(1)
    with pytest.raises(ExceptionGroup):
        await stage.endings.end_due()
    assert (await stage.batch()).status == "REVOKED"
    await stage.endings.end_due()
    assert len(tries) == 1
    monkeypatch.undo()
    stage.clock.step(tracker_endings.AGAIN_SECONDS)
    await stage.endings.end_due()
    ended = await stage.documents.batches.get("a")
    assert ended is not None
    assert ended.status == "REVOKED"


@pytest.mark.parametrize("is_away", [True, False], ids=["away", "silent"])
async def test_a_broker_that_is_away_keeps_no_batch_from_ending(
    is_away: bool,  # noqa: FBT001 - a parameter
) -> None:
    """All that are due end at once; what cannot be hinted at is found by gateways that look."""
    stage = Stage(ended_at_once=2)
    ids = [f"b{number}" for number in range(5)]
    for id_ in ids:
        await stage.documents.batches.add(new_batch(id_).stopped("cancelled", stage.clock()))
    await stage.handlers.results([BatchStopped(batch_id=id_) for id_ in ids])
    stage.clock.step(1)
    if is_away:
        stage.publisher.errors.append(BrokerUnavailableError("away"))
    else:
        stage.publisher.go_on.clear()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await stage.endings.end_due()
    for id_ in ids:
        batch = await stage.documents.batches.get(id_)
        assert batch is not None
        assert (batch.status, batch.revoked_images) == ("REVOKED", 10)
    assert stage.publisher.of(BatchProgressed) == []


async def test_batches_that_ended_before_the_database_went_away_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their ends are written, whatever became of those behind them."""
    stage = Stage()
    await stage.release()
    await stage.cancel()
    await stage.documents.batches.add(new_batch("a").stopped("cancelled", stage.clock()))
    unsettled = stage.documents.chunks.unsettled

    async def away(batch_id: str, generation: int, limit: int) -> Sequence[str]:
        if batch_id == "a":
            raise DocumentsUnavailableError("no answer")
        return await unsettled(batch_id, generation, limit)

    monkeypatch.setattr(stage.documents.chunks, "unsettled", away)
    await stage.handlers.results([BatchStopped(batch_id="a"), STOPPED])
    stage.clock.step(1)
    with pytest.raises(DocumentsUnavailableError):
        await stage.endings.end_due()
    ended = await stage.batch()
    assert ended.status == "REVOKED"
    assert stage.publisher.of(BatchProgressed)[-1] == BatchProgressed(batch_id="b", batch_version=ended.version)


async def test_a_database_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch is not forgotten, and those behind it are not asked for in vain."""
    stage = Stage()
    await stage.release()
    await stage.cancel()
    await stage.handlers.results([STOPPED])
    stage.clock.step(1)

    async def away(*_: object) -> Sequence[str]:
        raise DocumentsUnavailableError("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(stage.documents.chunks, "unsettled", away)
        with pytest.raises(DocumentsUnavailableError):
            await stage.endings.end_due()
    assert not (await stage.batch()).is_finished
    stage.clock.step(tracker_endings.AGAIN_SECONDS)
    await stage.endings.end_due()
    assert (await stage.batch()).status == "REVOKED"


async def test_a_batch_that_fails_wholesale_ends_by_itself() -> None:
    """Once enough images have ended, half of them failed: the rest is revoked without anybody's order."""
    stage = Stage(total_images=20, failure_threshold=FailureThreshold(percent=50, sample=4))
    await stage.release(5)
    await stage.handlers.results([stage.failed(0), stage.failed(1), stage.failed(2)])
    assert (await stage.batch()).stop is None
    await stage.handlers.results([stage.completed(3)])
    batch = await stage.batch()
    assert (batch.stop, batch.stopped_at, batch.status) == ("failure_threshold", stage.clock(), "STARTED")
    stage.clock.step(1)
    await stage.endings.end_due()
    batch = await stage.batch()
    assert (batch.status, batch.completed_images, batch.failed_images, batch.revoked_images) == ("FAILURE", 1, 3, 16)


async def test_a_retry_after_cancel_ends_with_every_image_counted_once() -> None:
    """Completed images are carried; the retry's chunks settle; a late result of the old generation changes nothing."""
    stage = Stage()
    await stage.release(2)
    await stage.handlers.results([stage.completed(0), stage.failed(1)])
    await stage.cancel()
    await ended_by_message(stage)
    await stage.change(lambda b: b.retried(stage.clock()))
    await stage.release_more()
    await stage.handlers.results([stage.completed(2), stage.completed(0)])
    assert (await stage.batch()).completed_images == 1
    for done, index in enumerate((1, 2, 3, 4, 5), start=2):
        chunk = 3 + (index - 1) // 2
        await stage.handlers.results([ImageCompleted(batch_id="b", chunk=chunk, index=index)])
        assert (await stage.batch()).completed_images == done
    batch = await stage.batch()
    assert (batch.status, batch.failed_images, batch.revoked_images, batch.completed_chunks) == ("SUCCESS", 0, 0, 3)


async def test_a_retry_that_is_cancelled_keeps_what_was_carried() -> None:
    """Revoked is what neither generation completed."""
    stage = Stage()
    await stage.release()
    await stage.handlers.results([stage.completed(0), *(stage.failed(i) for i in range(1, 6))])
    await stage.change(lambda b: b.retried(stage.clock()))
    await stage.release_more(1)
    await stage.handlers.results([ImageCompleted(batch_id="b", chunk=3, index=1)])
    await stage.cancel()
    await ended_by_message(stage)
    batch = await stage.batch()
    assert (batch.status, batch.completed_images, batch.failed_images, batch.revoked_images) == ("REVOKED", 2, 0, 4)


async def test_the_front_of_a_retry_is_sealed_by_its_own_numbers() -> None:
    """Chunk numbers go on from the generation before; only released ones are sealed, and the sums stay those of all."""
    stage = Stage(total_images=20, chunk_size=2, chunks_per_seal=3)
    await stage.release()
    await stage.handlers.results([stage.failed(i) for i in range(20)])
    await stage.change(lambda b: b.retried(stage.clock()))
    await stage.release_more(4)
    results = [ImageCompleted(batch_id="b", chunk=10 + i // 2, index=i) for i in range(20)]
    await stage.handlers.results(results[:8])
    batch = await stage.batch()
    assert (batch.sealed.through, batch.sealed.completed_images, batch.sealed.completed_chunks) == (14, 8, 4)
    await stage.release_more()
    await stage.handlers.results(results[8:])
    batch = await stage.batch()
    assert (batch.status, batch.completed_images, batch.completed_chunks) == ("SUCCESS", 20, 10)


@settings(max_examples=60)
@example(total_images=11, chunk_size=4, trackers=1, seed=336150)
@given(
    total_images=st.integers(1, 14),
    chunk_size=st.integers(1, 4),
    trackers=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
async def test_whatever_the_order_a_cancel_and_the_results_agree_with_the_chunks(
    total_images: int, chunk_size: int, trackers: int, seed: int
) -> None:
    """Results in any order and number, repeated, racing with the end: no image is lost or counted twice at any look."""
    chance = random.Random(seed)
    stage = Stage(total_images=total_images, chunk_size=chunk_size)
    await stage.release(chance.randint(0, stage.recorded.total_chunks))
    processes = [stage.crashing(Crash(-1, "before")) for _ in range(trackers)]
    results: list[SingleResult] = [
        stage.failed(i) if chance.random() < 0.3 else stage.completed(i)
        for c in await stage.chunks()
        for i in c.indexes
    ]
    results = chance.sample(results, chance.randint(0, len(results))) * 2
    chance.shuffle(results)
    cancelled_at = chance.randint(0, 4)
    for step in range(12):
        if step == cancelled_at:
            await stage.cancel()
        before = await stage.batch()
        await asyncio.gather(*(round_of(process, results, chance) for process in processes))
        after = await stage.batch()
        assert after.completed_images >= before.completed_images
        assert after.failed_images >= before.failed_images
        assert after == before or not before.is_finished
        stage.clock.step(0.3)
    # By chance every look may have come too early so far.
    await processes[0].reconciler.sweep()
    stage.clock.step(2)
    await processes[0].endings.end_due()
    batch, truth = await stage.batch(), await stage.full_sum()
    assert batch.is_finished
    assert (batch.completed_images, batch.failed_images) == (truth.completed_images, truth.failed_images)
    assert (batch.completed_chunks, batch.failed_chunks) == (truth.completed_chunks, truth.failed_chunks)
    assert batch.ended_images == total_images
    assert (batch.status == "REVOKED") == (batch.stop == "cancelled")


async def round_of(process: Tracker, results: list[SingleResult], chance: random.Random) -> None:
    """What a tracker does in a moment."""
    some = [results.pop() for _ in range(min(len(results), chance.randint(0, 4)))]
    await process.handlers.results([*some, STOPPED] if chance.random() < 0.5 else some)
    if chance.random() < 0.7:
        await process.endings.end_due()
    if chance.random() < 0.7:
        await process.reconciler.sweep()


async def ended_by_sweep(stage: Stage) -> None:
    """Find the stop, and end what is due a second later."""
    await stage.reconciler.sweep()
    stage.clock.step(1)
    await stage.endings.end_due()


async def ended_by_message(stage: Stage) -> None:
    """Hear of the stop, and end what is due a second later."""
    await stage.handlers.results([STOPPED])
    stage.clock.step(1)
    await stage.endings.end_due()


async def test_ending_reads_chunks_page_by_page() -> None:
    """More unsettled chunks than one page."""
    stage = Stage(total_images=22, chunks_per_write=2)
    await stage.release()
    await stage.cancel()
    await ended_by_message(stage)
    chunks: Sequence[Chunk] = await stage.chunks()
    assert [(chunk.settled, chunk.revoked) for chunk in chunks] == [(True, 2)] * 11
