import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.answers.schemas import BatchStatus
from services.tracker.progress import SingleResult, foldings, single_results
from shared.documents import UNRECORDED, Batch, ChunkTotals, FailureThreshold, StopReason
from shared.documents.rate import RATE_MEMORY_SECONDS
from shared.messaging.messages import BatchStopped, ChunkFailed, ImageCompleted, ImageFailed, ImageResults
from tests.fakes import START, SteppingClock, new_batch

COMPLETED = ImageCompleted(batch_id="b", chunk=0, index=1, duration_ms=90, worker="w")
FAILED = ImageFailed(batch_id="b", chunk=0, index=2, code="unreadable", message="Not an image.", worker="w")
GIVEN_UP = ChunkFailed(batch_id="b", chunk=0, code="storage_unavailable", message="The object store is down.")


def totals(completed: int = 0, failed: int = 0, chunks: int = 0, given_up: int = 0) -> ChunkTotals:
    """Sums over chunks."""
    return ChunkTotals(
        completed_images=completed, failed_images=failed, completed_chunks=chunks, failed_chunks=given_up
    )


def test_results_become_one_folding_for_each_chunk() -> None:
    """A batch of results costs one write per chunk, and each outcome keeps what its message said."""
    other = ImageCompleted(batch_id="b", chunk=1, index=12)
    first, second = foldings([COMPLETED, other, FAILED, GIVEN_UP])
    assert (first.chunk_id, second.chunk_id) == ("b:0", "b:1")
    assert (first.outcomes[1].state, first.outcomes[1].duration_ms, first.outcomes[1].worker) == ("completed", 90, "w")
    assert (first.outcomes[2].code, first.outcomes[2].message) == ("unreadable", "Not an image.")
    assert first.abandoned is not None
    assert (first.abandoned.state, first.abandoned.code) == ("failed", "storage_unavailable")
    assert (list(second.outcomes), second.abandoned) == ([12], None)


def test_a_folding_may_be_whole_once_it_has_all_images_of_a_chunk() -> None:
    """As workers say it; those of an earlier version say nothing, and a chunk that was given up is another case."""
    results = [COMPLETED.model_copy(update={"index": index, "chunk_images": 2}) for index in (1, 2)]
    assert [folding.may_be_whole for folding in (*foldings(results), *foldings(results[:1]))] == [True, False]
    assert not any(folding.may_be_whole for folding in (*foldings([COMPLETED]), *foldings([*results, GIVEN_UP])))


def test_the_first_of_two_contradicting_results_counts() -> None:
    """As it does in the chunk document."""
    late: list[SingleResult] = [FAILED.model_copy(update={"index": 1}), GIVEN_UP.model_copy(update={"code": "late"})]
    (folding,) = foldings([COMPLETED, GIVEN_UP, *late])
    assert folding.outcomes[1].state == "completed"
    assert folding.abandoned is not None
    assert folding.abandoned.code == "storage_unavailable"


def test_the_results_of_a_run_of_messages_are_in_their_order() -> None:
    """Those that share a message are results like others; a stop is none."""
    shared = ImageResults(results=(COMPLETED, FAILED))
    assert single_results([GIVEN_UP, BatchStopped(batch_id="b"), shared]) == [GIVEN_UP, COMPLETED, FAILED]


def by_code(**codes: int) -> ChunkTotals:
    """Sums over chunks with these failures and nothing else."""
    return ChunkTotals(failed_images=sum(codes.values()), failure_codes=codes)


def test_failures_are_known_by_code_in_the_same_change() -> None:
    """Also at the end of a batch that is stopped; a retry begins without any."""
    batch = new_batch(total_images=5).rolled_up(by_code(timeout=1, crashed=1), START)
    assert (batch.failed_images, batch.failure_codes) == (2, {"timeout": 1, "crashed": 1})
    ended = batch.stopped("cancelled", START).ended_early(by_code(timeout=2, crashed=1), START)
    assert (ended.failed_images, ended.failure_codes) == (3, {"timeout": 2, "crashed": 1})
    assert ended.retried(START).failure_codes == {}


def test_older_sums_leave_the_codes_with_their_count() -> None:
    """Whichever of two racing trackers comes last, the codes add up to the failed images."""
    newest, older = by_code(timeout=2, crashed=1), by_code(timeout=1)
    batch = new_batch(total_images=9).rolled_up(newest, START)
    assert batch.rolled_up(older, START) is batch
    more = older.model_copy(update={"completed_images": 4})
    for after in (batch.rolled_up(more, START), batch.stopped("cancelled", START).ended_early(more, START)):
        assert (after.completed_images, after.failed_images) == (4, 3)
        assert after.failure_codes == {"timeout": 2, "crashed": 1}


def test_codes_are_found_out_for_failures_that_an_earlier_version_counted() -> None:
    """Its tracker has added up beside this one; the next sums say why those images failed."""
    batch = Batch.model_validate({**new_batch(total_images=9).model_dump(), "failed_images": 3})
    assert batch.failure_codes == {UNRECORDED: 3}
    again = batch.rolled_up(by_code(timeout=2, crashed=1), START)
    assert (again.failed_images, again.failure_codes) == (3, {"timeout": 2, "crashed": 1})


def test_a_batch_finishes_exactly_with_its_last_image() -> None:
    """SUCCESS only when every image completed, FAILURE as soon as one did not, and neither before the end."""
    batch = new_batch(total_images=3, chunk_size=2)
    almost = batch.rolled_up(totals(completed=2, chunks=1), START)
    assert (almost.status, almost.finished_at, almost.pending_images) == ("STARTED", None, 1)
    success = almost.rolled_up(totals(completed=3, chunks=2), START)
    failure = almost.rolled_up(totals(completed=2, failed=1, chunks=2), START)
    assert (success.status, success.finished_at, success.pending_images) == ("SUCCESS", START, 0)
    assert (failure.status, failure.finished_at, failure.failed_chunks) == ("FAILURE", START, 0)


def test_a_finished_batch_changes_no_more() -> None:
    """A poller that saw SUCCESS never sees anything else."""
    done = new_batch(total_images=1).rolled_up(totals(completed=1, chunks=1), START)
    assert done.rolled_up(totals(failed=1, given_up=1), START + timedelta(1)) is done


def test_the_same_totals_again_are_no_change() -> None:
    """No new version, so nobody is told of nothing."""
    once = new_batch().rolled_up(totals(completed=3), START)
    assert once.rolled_up(totals(completed=3), START + timedelta(1)) is once


def retried(completed: int, failed: int) -> Batch:
    """A batch whose first generation ended with these counts, at work on its second."""
    batch = new_batch(total_images=completed + failed, chunk_size=2)
    chunks = batch.total_chunks
    return batch.rolled_up(totals(completed, failed, chunks), START).retried(START).released(1, START)


def test_a_retry_counts_what_it_carries_and_what_it_adds() -> None:
    """Completed images of the generation before stay completed; its failed ones are pending again."""
    batch = retried(completed=5, failed=3)
    assert (batch.completed_images, batch.failed_images, batch.pending_images) == (5, 0, 3)
    batch = batch.rolled_up(totals(completed=1, failed=1, chunks=1), START)
    assert (batch.completed_images, batch.failed_images, batch.pending_images) == (6, 1, 1)
    assert (batch.completed_chunks, batch.is_finished) == (1, False)
    batch = batch.rolled_up(totals(completed=2, failed=1, chunks=2), START)
    assert (batch.status, batch.completed_images, batch.failed_images) == ("FAILURE", 7, 1)


def test_a_retry_in_which_everything_completes_is_a_success() -> None:
    """Failures of an earlier generation count no more."""
    batch = retried(completed=5, failed=3).rolled_up(totals(completed=3, chunks=2), START)
    assert (batch.status, batch.completed_images, batch.failed_images) == ("SUCCESS", 8, 0)


def test_a_retry_has_no_rate_from_the_time_before_it() -> None:
    """The batch may have started days ago; the first progress only starts the watch."""
    clock = SteppingClock()
    clock.step(86_400)
    batch = retried(completed=5, failed=30).rolled_up(totals(completed=1), clock())
    assert batch.rate_images_per_second is None
    clock.step(1)
    assert batch.rolled_up(totals(completed=3), clock()).rate_images_per_second == 2.0


@pytest.mark.parametrize(("reason", "status"), [("cancelled", "REVOKED"), ("failure_threshold", "FAILURE")])
@pytest.mark.parametrize("failed", [0, 1])
def test_a_stopped_batch_of_which_every_image_ended_has_the_status_of_its_stop(
    reason: StopReason, status: str, failed: int
) -> None:
    """Whoever stopped it waits for this status, and nothing of it is revoked; before the last image it goes on."""
    batch = new_batch(total_images=4).rolled_up(totals(completed=1), START).stopped(reason, START)
    more = batch.rolled_up(totals(completed=2, chunks=1), START)
    assert (more.is_finished, more.completed_images) == (False, 2)
    ended = more.rolled_up(totals(completed=4 - failed, failed=failed, chunks=2), START)
    assert (ended.status, ended.revoked_images, ended.pending_images) == (status, 0, 0)
    assert (ended.completed_images, ended.failed_images, ended.finished_at) == (4 - failed, failed, START)


def test_what_is_revoked_in_chunks_does_not_end_a_stopped_batch() -> None:
    """Its end needs every recorded chunk settled, which only the ending has seen to."""
    batch = new_batch(total_images=4).stopped("cancelled", START)
    cut = ChunkTotals(completed_images=1, revoked_images=3, completed_chunks=0, revoked_chunks=2)
    after = batch.rolled_up(cut, START)
    assert (after.is_finished, after.completed_images, after.pending_images) == (False, 1, 3)


def test_a_batch_over_its_failure_threshold_is_stopped_in_the_same_change() -> None:
    """Its results count."""
    threshold = FailureThreshold(percent=20, sample=5)
    batch = new_batch(total_images=50).model_copy(update={"failure_threshold": threshold})
    fine = batch.rolled_up(totals(completed=4), START)
    stopped = fine.rolled_up(totals(completed=4, failed=1), START + timedelta(1))
    assert (fine.stop, stopped.stop, stopped.stopped_at) == (None, "failure_threshold", START + timedelta(1))
    assert stopped.failed_images == 1


def test_the_first_reason_to_stop_stays() -> None:
    """A batch that is cancelled ends as cancelled, however many of its last images fail."""
    batch = new_batch(total_images=50).model_copy(update={"failure_threshold": FailureThreshold(percent=1, sample=1)})
    after = batch.stopped("cancelled", START).rolled_up(totals(failed=9), START)
    assert (after.stop, after.failed_images) == ("cancelled", 9)


def test_a_batch_that_fails_with_its_last_image_is_not_stopped_but_finished() -> None:
    """There is nothing left to revoke."""
    batch = new_batch(total_images=4).model_copy(update={"failure_threshold": FailureThreshold(percent=50, sample=1)})
    after = batch.rolled_up(totals(completed=1, failed=3, chunks=2), START)
    assert (after.status, after.stop) == ("FAILURE", None)


@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=8),
    carried=st.integers(0, 5),
    stop_at=st.none() | st.integers(0, 30),
    threshold=st.none() | st.builds(FailureThreshold, percent=st.sampled_from([1, 50, 100]), sample=st.integers(1, 9)),
    chance=st.randoms(use_true_random=False),
)
def test_a_batch_ends_exactly_once_in_whichever_order_its_sums_come(
    sizes: list[int], carried: int, stop_at: int | None, threshold: FailureThreshold | None, chance: random.Random
) -> None:
    """With its full sum and not before; every later sum, old or new, leaves it as it is. Until then it only grows."""
    sums = [totals()]
    for size in sizes:
        failed = chance.randint(0, size)
        sums.append(sums[-1].plus(totals(size - failed, failed)))
        sums.append(sums[-1].plus(totals(0, 0, *chance.choice([(1, 0), (0, 1)]))))
    batch = new_batch(total_images=carried + sum(sizes), chunk_size=1).model_copy(
        update={
            "generation": 1,
            "carried_images": carried,
            "completed_images": carried,
            "failure_threshold": threshold,
        }
    )
    comings = [*chance.choices(sums, k=len(sums)), *sums, *chance.choices(sums, k=len(sums))]
    chance.shuffle(comings)
    ends = 0
    most_ended = 0
    for number, seen in enumerate(comings):
        if number == stop_at:
            batch = batch.stopped("cancelled", START)
        after = batch.rolled_up(seen, START + timedelta(seconds=number))
        counters = ("completed_images", "failed_images", "completed_chunks", "failed_chunks")
        assert all(getattr(after, name) >= getattr(batch, name) for name in counters)
        assert after.ended_images + after.pending_images == after.total_images
        most_ended = max(most_ended, seen.completed_images + seen.failed_images)
        assert after.is_finished == (most_ended == sum(sizes))
        assert not batch.is_finished or after is batch
        ends += after.is_finished and not batch.is_finished
        batch = after
    assert ends == 1
    assert (batch.completed_images, batch.failed_images) == (
        carried + sums[-1].completed_images,
        sums[-1].failed_images,
    )
    natural = "FAILURE" if batch.failed_images else "SUCCESS"
    assert batch.status == {None: natural, "cancelled": "REVOKED", "failure_threshold": "FAILURE"}[batch.stop]
    assert (batch.revoked_images, batch.pending_images) == (0, 0)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=12
    ),
    st.integers(0, 500),
    st.sampled_from([None, "cancelled"]),
    st.randoms(use_true_random=False),
)
def test_sums_in_any_order_end_alike_and_never_step_back(
    steps: list[tuple[int, ...]], carried: int, stop: StopReason | None, chance: random.Random
) -> None:
    """Trackers race: an older sum that is written later changes nothing, in a retry or a stopped batch as in others."""
    sums, last = [], totals()
    for completed, failed, chunks, given_up in steps:
        last = last.plus(totals(completed, failed, chunks, given_up))
        sums.append(last)
    shuffled = [*sums, *sums]
    chance.shuffle(shuffled)
    begun = {"generation": 1, "carried_images": carried, "completed_images": carried, "stop": stop}
    batch = new_batch(total_images=1000, chunk_size=1).model_copy(update=begun)
    for seen in shuffled:
        after = batch.rolled_up(seen, START)
        assert after.completed_images >= batch.completed_images
        assert after.failed_images >= batch.failed_images
        assert after.ended_images + after.pending_images == after.total_images
        batch = after
    assert (batch.completed_images, batch.failed_images) == (carried + last.completed_images, last.failed_images)
    assert (batch.completed_chunks, batch.failed_chunks) == (last.completed_chunks, last.failed_chunks)


@given(st.lists(st.tuples(st.floats(0.001, 100), st.integers(1, 500)), min_size=1, max_size=30))
def test_the_rate_stays_between_the_slowest_and_the_fastest_that_was_seen(steps: list[tuple[float, int]]) -> None:
    """It is a mean, whatever the steps; a wild estimate would come from arithmetic, not from the images."""
    clock = SteppingClock()
    batch = new_batch(total_images=1_000_000).released(1, clock())
    seen = []
    for seconds, fresh in steps:
        before = clock()
        clock.step(seconds)
        if (passed := (clock() - before).total_seconds()) > 0:
            seen.append(fresh / passed)
        batch = batch.rolled_up(totals(completed=batch.completed_images + fresh), clock())
    assert batch.rate_images_per_second is not None
    assert min(seen) * 0.999 <= batch.rate_images_per_second <= max(seen) * 1.001


def test_the_rate_forgets_what_was_long_ago() -> None:
    """After a few memory lengths at a new speed, the time left is told from that speed."""
    clock = SteppingClock()
    batch = new_batch(total_images=1_000_000).released(1, clock())
    for speed in (1000, 10):
        for _ in range(int(5 * RATE_MEMORY_SECONDS)):
            clock.step(1)
            batch = batch.rolled_up(totals(completed=batch.completed_images + speed), clock())
    assert batch.rate_images_per_second is not None
    assert math.isclose(batch.rate_images_per_second, 10, rel_tol=1.0)
    assert batch.rate_images_per_second > 10


def test_the_rate_does_not_depend_on_how_often_it_is_updated() -> None:
    """The weight comes from the time passed, so that ten small steps count as one large one."""
    rates = []
    for steps in (1, 10):
        clock = SteppingClock()
        batch = new_batch(total_images=1_000_000).released(1, clock())
        clock.step(10)
        batch = batch.rolled_up(totals(completed=100), clock())
        for _ in range(steps):
            clock.step(20 / steps)
            batch = batch.rolled_up(totals(completed=batch.completed_images + 1000 // steps), clock())
        rates.append(batch.rate_images_per_second or 0.0)
    assert math.isclose(rates[0], rates[1], rel_tol=1e-9)


def at_20_images_a_second(clock: SteppingClock, seconds: int = 60) -> Batch:
    """A batch of 20,000 images that has gone steadily for so long."""
    batch = new_batch(total_images=20_000, chunk_size=10).released(100, clock())
    for second in range(1, seconds + 1):
        clock.step(1)
        batch = batch.rolled_up(totals(completed=20 * second), clock())
    return batch


@pytest.mark.parametrize("pause_seconds", [0.5, 60, 3600, 86_400])
def test_a_pause_is_no_time_in_which_nothing_was_done(pause_seconds: float) -> None:
    """The first progress after it, and every one then, tells the steady rate that there was before it."""
    clock = SteppingClock()
    batch = at_20_images_a_second(clock).with_pause(clock())
    clock.step(pause_seconds)
    batch = batch.resumed(clock())
    assert batch.rate_images_per_second == pytest.approx(20)
    for second in range(1, 10):
        clock.step(1)
        batch = batch.rolled_up(totals(completed=1200 + 20 * second), clock())
        assert batch.rate_images_per_second == pytest.approx(20)
        assert BatchStatus.of(batch).estimated_time_remaining == pytest.approx(batch.pending_images / 20 + 0.3, abs=0.1)


def test_what_ends_during_a_pause_leaves_the_rate_alone() -> None:
    """The last images in hand, which may take their time; they count as images all the same."""
    clock = SteppingClock()
    batch = at_20_images_a_second(clock).with_pause(clock())
    for ended in (1, 2):
        clock.step(30)
        batch = batch.rolled_up(totals(completed=1200 + ended), clock())
    assert batch.completed_images == 1202
    assert batch.rate_images_per_second == pytest.approx(20)
    clock.step(3600)
    batch = batch.resumed(clock())
    clock.step(2)
    assert batch.rolled_up(totals(completed=1242), clock()).rate_images_per_second == pytest.approx(20)


def test_a_batch_that_is_paused_before_its_first_progress_has_its_rate_from_its_resumption_on() -> None:
    """Its start was long ago by then, as a retry's may be."""
    for batch in (new_batch(total_images=100).released(1, START), retried(completed=5, failed=30)):
        clock = SteppingClock()
        paused = batch.with_pause(clock())
        clock.step(3600)
        resumed = paused.resumed(clock())
        clock.step(2)
        assert resumed.rolled_up(totals(completed=8), clock()).rate_images_per_second == 4


def test_a_batch_that_is_paused_before_its_first_chunk_has_its_rate_from_its_start_on() -> None:
    """It begins when the chunker comes to it, not when it is resumed; a retry's rate begins at its first progress."""
    clock = SteppingClock()
    again = new_batch(total_images=30).rolled_up(totals(5, 25, 3), START).retried(START)
    batches = [batch.with_pause(START).resumed(START) for batch in (new_batch(total_images=100), again)]
    clock.step(3600)
    batches = [batch.released(1, clock()) for batch in batches]
    clock.step(2)
    rates = [batch.rolled_up(totals(completed=8), clock()).rate_images_per_second for batch in batches]
    assert rates == [4, None]


def test_there_is_no_rate_before_time_has_passed() -> None:
    """Null while unknown, and no division by zero when results and release share a millisecond."""
    batch = new_batch().released(1, START)
    assert batch.rolled_up(totals(completed=1), START).rate_images_per_second is None
    assert new_batch().rolled_up(totals(completed=1), START).rate_images_per_second is None


def test_a_clock_that_steps_back_leaves_the_rate_alone() -> None:
    """Trackers' clocks differ; a negative rate would tell people a negative time."""
    batch = new_batch(total_images=99).released(1, START).rolled_up(totals(completed=5), START + timedelta(0, 5))
    assert batch.rate_images_per_second == 1.0
    later = batch.rolled_up(totals(completed=6), START)
    assert later.rate_images_per_second == 1.0
