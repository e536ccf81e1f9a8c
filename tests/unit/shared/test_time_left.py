"""The time left of a batch, as its document says it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.answers.schemas import BatchStatus
from shared.costs import CostProfile
from shared.documents import Batch, ChunkTotals, remaining_ms
from tests.fakes import START, SteppingClock, new_batch

SMALL_MS, LARGE_MS = 100, 900
IMAGES = 200
SORTED = CostProfile(
    images=IMAGES,
    cell_images=IMAGES // 2,
    sums_ms=(SMALL_MS * IMAGES // 2, (SMALL_MS + LARGE_MS) * IMAGES // 2),
)
"""The small ones first."""


def new(profile: CostProfile | None = SORTED) -> Batch:
    """A batch of small images, then large ones, of which some are released."""
    batch = new_batch(total_images=IMAGES, chunk_size=10).model_copy(update={"cost_profile": profile})
    return batch.released(20, START)


def ended(batch: Batch, images: int, now: datetime) -> Batch:
    """The batch once so many images have ended."""
    return batch.rolled_up(ChunkTotals(completed_images=images), now)


def one_slot(profile: CostProfile, images: int, clock: SteppingClock) -> Batch:
    """A batch of which so many images have ended, each after the time that it costs."""
    batch, done = new(profile), 0.0
    for count in range(1, images + 1):
        cost = profile.first_ms(count)
        clock.step((cost - done) / 1000)
        done = cost
        batch = ended(batch, count, clock())
    return batch


@pytest.mark.parametrize("images", [20, 50, 100, 150, 180])
def test_small_images_first_are_no_surprise(images: int) -> None:
    """Rates of images would tell nine times too little at a quarter, and nine times too much when the sizes turn."""
    batch = one_slot(SORTED, images, SteppingClock())
    left = (SORTED.total_ms - SORTED.first_ms(images)) / 1000
    status = BatchStatus.of(batch)
    assert status.estimated_time_remaining == pytest.approx(left, rel=0.05)
    assert status.estimate_state == "good"
    low, high = status.estimated_range or (0, 0)
    assert low <= left <= high


def test_how_long_a_batch_waited_says_nothing_of_its_speed() -> None:
    """Its first result only starts the watch."""
    clock = SteppingClock()
    clock.step(3600)
    batch = ended(new(None), 1, clock())
    assert (batch.estimate and batch.estimate.state, BatchStatus.of(batch).estimated_time_remaining) == (
        "measuring",
        None,
    )
    clock.step(2)
    assert BatchStatus.of(ended(batch, 21, clock())).estimated_time_remaining == pytest.approx(18.2)


def test_a_batch_of_the_version_before_has_the_time_of_its_images() -> None:
    """Its document has neither profile nor estimate; and one that an old tracker goes on counting is not stale."""
    old = new(None).changed(START, rate_images_per_second=4.0, completed_images=100)
    assert (BatchStatus.of(old).estimated_time_remaining, BatchStatus.of(old).estimated_range) == (25.0, None)
    clock = SteppingClock()
    counted = one_slot(SORTED, 20, clock).changed(clock(), completed_images=100, rate_images_per_second=4.0)
    assert BatchStatus.of(counted).estimated_time_remaining == 25.0


def test_paused_stopping_and_finished_batches_have_no_estimate() -> None:
    """Null, null and zero."""
    clock = SteppingClock()
    batch = one_slot(SORTED, 50, clock)
    seen = []
    for state in (batch.with_pause(clock()), batch.stopped("cancelled", clock()), ended(batch, IMAGES, clock())):
        status = BatchStatus.of(state)
        seen.append((status.estimate_state, status.estimated_time_remaining, status.estimated_range))
    assert seen == [("paused", None, None), (None, None, None), (None, 0.0, None)]


@pytest.mark.parametrize("pause_seconds", [0.5, 3600])
def test_after_a_pause_the_estimate_is_what_it_was(pause_seconds: float) -> None:
    """Neither the pause nor what ended in it counts as speed."""
    clock = SteppingClock()
    before = one_slot(SORTED, 50, clock)
    paused = before.with_pause(clock())
    clock.step(pause_seconds)
    resumed = ended(paused, 51, clock()).resumed(clock())
    assert BatchStatus.of(resumed).estimated_time_remaining == pytest.approx(94.9, rel=0.01)
    clock.step(SMALL_MS / 1000)
    assert BatchStatus.of(ended(resumed, 52, clock())).estimated_time_remaining == pytest.approx(94.8, rel=0.01)


def test_a_batch_that_stands_still_says_so_and_goes_on_as_before() -> None:
    """When nothing ended for ten seconds and five images' time; the gap is not taken for its speed."""
    clock = SteppingClock()
    batch = one_slot(SORTED, 50, clock)
    clock.step(5)
    assert batch.forecast(1.0, clock()) is batch
    clock.step(6)
    still = batch.forecast(1.0, clock())
    status = BatchStatus.of(still)
    assert (status.estimate_state, status.estimated_time_remaining, status.estimated_range) == ("stalled", None, None)
    assert still.forecast(1.0, clock()) is still
    clock.step(600)
    going = ended(still, 51, clock())
    assert BatchStatus.of(going).estimate_state == "good"
    assert BatchStatus.of(going).estimated_time_remaining == pytest.approx(94.9, rel=0.01)


def test_without_workers_a_batch_is_stalled_at_once_and_waits_when_one_comes() -> None:
    """Whether it has begun or not."""
    batch = new_batch().forecast(None, START)
    assert BatchStatus.of(batch).estimate_state == "stalled"
    batch = batch.forecast(12.0, START)
    status = BatchStatus.of(batch)
    assert (status.estimate_state, status.estimated_time_remaining) == ("waiting", 12.0)
    assert status.estimated_range is not None
    assert status.estimated_range[0] < 12 < status.estimated_range[1]


def test_a_forecast_is_written_only_if_it_differs_by_much() -> None:
    """Each one wakes all who watch the batch."""
    batch = new_batch().forecast(60.0, START)
    assert batch.forecast(57.0, START) is batch
    assert batch.forecast(50.0, START) is not batch
    for held in (batch.with_pause(START), batch.stopped("cancelled", START)):
        assert held.forecast(5.0, START) is held


def test_what_was_forecast_stays_until_there_is_a_pace() -> None:
    """The first result would otherwise take it away."""
    batch = ended(new().forecast(60.0, START), 1, START + timedelta(seconds=3))
    assert (BatchStatus.of(batch).estimate_state, BatchStatus.of(batch).estimated_time_remaining) == ("measuring", 60.0)


def test_a_retry_counts_its_images_alike() -> None:
    """They lie anywhere in the batch; its pace begins anew."""
    clock = SteppingClock()
    batch = one_slot(SORTED, 100, clock).stopped("cancelled", clock())
    batch = batch.ended_early(ChunkTotals(completed_images=100), clock()).retried(clock()).released(10, clock())
    assert (batch.estimate, batch.pace.work_per_second) == (None, None)
    assert remaining_ms(batch) == pytest.approx(SORTED.total_ms / 2)
    for count in (1, 2, 3, 4):
        clock.step(1)
        batch = ended(batch, count, clock())
    assert BatchStatus.of(batch).estimated_time_remaining == pytest.approx(96.3)


STEPS = st.lists(st.tuples(st.integers(0, 40), st.floats(-3, 30)), max_size=40)


@given(STEPS, st.sampled_from([None, SORTED]))
def test_no_estimate_is_ever_negative_or_out_of_its_range(
    steps: list[tuple[int, float]], profile: CostProfile | None
) -> None:
    """Whatever the clocks of trackers do."""
    batch, count, now = new(profile), 0, START
    for images, seconds in steps:
        count, now = min(count + images, IMAGES), now + timedelta(seconds=seconds)
        batch = ended(batch, count, now).forecast(5.0, now)
        status = BatchStatus.of(batch)
        remaining, around = status.estimated_time_remaining, status.estimated_range
        assert remaining is None or remaining >= 0
        if remaining is not None and around is not None:
            assert 0 <= around[0] <= remaining <= around[1]


def test_the_cost_of_images_comes_from_the_profile() -> None:
    """Of a run, of single ones, and of a batch that an earlier version recorded."""
    assert new().cost_ms(range(10)) == 10 * SMALL_MS
    assert new().cost_ms([99, 100]) == SMALL_MS + LARGE_MS
    assert new().cost_ms([5, 150, 199]) == SMALL_MS + 2 * LARGE_MS
    assert new(None).cost_ms(range(7)) == 700
