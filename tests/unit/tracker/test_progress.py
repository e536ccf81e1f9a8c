import math
import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.tracker.progress import RATE_MEMORY_SECONDS, Result, foldings, with_totals
from shared.documents import ChunkTotals
from shared.messages import ChunkFailed, ImageCompleted, ImageFailed
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


def test_the_first_of_two_contradicting_results_counts() -> None:
    """As it does in the chunk document."""
    late: list[Result] = [FAILED.model_copy(update={"index": 1}), GIVEN_UP.model_copy(update={"code": "late"})]
    (folding,) = foldings([COMPLETED, GIVEN_UP, *late])
    assert folding.outcomes[1].state == "completed"
    assert folding.abandoned is not None
    assert folding.abandoned.code == "storage_unavailable"


def test_a_batch_finishes_exactly_with_its_last_image() -> None:
    """SUCCESS only when every image completed, FAILURE as soon as one did not, and neither before the end."""
    batch = new_batch(total_images=3, chunk_size=2)
    almost = with_totals(batch, totals(completed=2, chunks=1), START)
    assert (almost.status, almost.finished_at, almost.pending_images) == ("STARTED", None, 1)
    success = with_totals(almost, totals(completed=3, chunks=2), START)
    failure = with_totals(almost, totals(completed=2, failed=1, chunks=2), START)
    assert (success.status, success.finished_at, success.pending_images) == ("SUCCESS", START, 0)
    assert (failure.status, failure.finished_at, failure.failed_chunks) == ("FAILURE", START, 0)


def test_a_finished_batch_changes_no_more() -> None:
    """A poller that saw SUCCESS never sees anything else."""
    done = with_totals(new_batch(total_images=1), totals(completed=1, chunks=1), START)
    assert with_totals(done, totals(failed=1, given_up=1), START + timedelta(1)) is done


def test_the_same_totals_again_are_no_change() -> None:
    """No new version, so nobody is told of nothing."""
    once = with_totals(new_batch(), totals(completed=3), START)
    assert with_totals(once, totals(completed=3), START + timedelta(1)) is once


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=12
    ),
    st.randoms(use_true_random=False),
)
def test_sums_in_any_order_end_alike_and_never_step_back(steps: list[tuple[int, ...]], chance: random.Random) -> None:
    """Trackers race: an older sum that is written later changes nothing."""
    sums, last = [], totals()
    for completed, failed, chunks, given_up in steps:
        last = last.plus(totals(completed, failed, chunks, given_up))
        sums.append(last)
    shuffled = [*sums, *sums]
    chance.shuffle(shuffled)
    batch = new_batch(total_images=1000, chunk_size=1)
    for seen in shuffled:
        after = with_totals(batch, seen, START)
        assert after.completed_images >= batch.completed_images
        assert after.failed_images >= batch.failed_images
        assert after.ended_images + after.pending_images == after.total_images
        batch = after
    assert (batch.completed_images, batch.failed_images) == (last.completed_images, last.failed_images)
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
        batch = with_totals(batch, totals(completed=batch.completed_images + fresh), clock())
    assert batch.rate_images_per_second is not None
    assert min(seen) * 0.999 <= batch.rate_images_per_second <= max(seen) * 1.001


def test_the_rate_forgets_what_was_long_ago() -> None:
    """After a few memory lengths at a new speed, the time left is told from that speed."""
    clock = SteppingClock()
    batch = new_batch(total_images=1_000_000).released(1, clock())
    for speed in (1000, 10):
        for _ in range(int(5 * RATE_MEMORY_SECONDS)):
            clock.step(1)
            batch = with_totals(batch, totals(completed=batch.completed_images + speed), clock())
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
        batch = with_totals(batch, totals(completed=100), clock())
        for _ in range(steps):
            clock.step(20 / steps)
            batch = with_totals(batch, totals(completed=batch.completed_images + 1000 // steps), clock())
        rates.append(batch.rate_images_per_second or 0.0)
    assert math.isclose(rates[0], rates[1], rel_tol=1e-9)


def test_there_is_no_rate_before_time_has_passed() -> None:
    """Null while unknown, and no division by zero when results and release share a millisecond."""
    batch = new_batch().released(1, START)
    assert with_totals(batch, totals(completed=1), START).rate_images_per_second is None
    assert with_totals(new_batch(), totals(completed=1), START).rate_images_per_second is None


def test_a_clock_that_steps_back_leaves_the_rate_alone() -> None:
    """Trackers' clocks differ; a negative rate would tell people a negative time."""
    batch = with_totals(new_batch(total_images=99).released(1, START), totals(completed=5), START + timedelta(0, 5))
    assert batch.rate_images_per_second == 1.0
    later = with_totals(batch, totals(completed=6), START)
    assert later.rate_images_per_second == 1.0
