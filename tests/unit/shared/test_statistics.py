"""Figures for charts: what they say, how far they are off, and that they do not grow for ever."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.memory_statistics import MemoryStatistics
from shared.documents import (
    DURATION_BUCKETS,
    Batch,
    BatchFacts,
    ChunkTotals,
    Selection,
    WorkPeriod,
    duration_bucket,
    percentile_ms,
    period_start,
)
from tests.fakes import START, new_batch


@given(st.lists(st.integers(1, 65_535), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_off_by_less_than_a_factor_of_two(durations: list[int], share: float) -> None:
    """The true one is in the bucket that is answered from."""
    buckets = [0] * DURATION_BUCKETS
    for duration in durations:
        buckets[duration_bucket(duration)] += 1
    rank = max(1, -int(-share * len(durations) // 1))
    true = sorted(durations)[rank - 1]
    found = percentile_ms(buckets, share)
    assert found is not None
    assert true / 2 <= found <= true * 2


def test_durations_beyond_the_buckets_are_in_the_outer_ones() -> None:
    """No image is lost to a chart."""
    assert [duration_bucket(ms) for ms in (0, 1, 2, 3, 4, 65_535, 65_536, 10**9)] == [0, 0, 1, 1, 2, 15, 15, 15]
    assert percentile_ms([0] * 15 + [1], 1.0) == 65_536


def test_without_an_image_there_is_no_percentile() -> None:
    """Zero milliseconds would be a figure."""
    assert percentile_ms([0] * DURATION_BUCKETS, 0.5) is None


def test_periods_begin_at_whole_minutes_and_hours() -> None:
    """The same ones for every worker."""
    moment = START + timedelta(minutes=4, seconds=59, milliseconds=999)
    assert period_start(moment, 60) == START + timedelta(minutes=4)
    assert period_start(moment, 3600) == START.replace(minute=0)
    assert period_start(period_start(moment, 60), 60) == period_start(moment, 60)


def finished(**fields: object) -> Batch:
    """A batch of ten images that began two seconds after its upload and took five."""
    batch = new_batch().released(5, START + timedelta(seconds=2))
    return batch.changed(START + timedelta(seconds=7), finished_at=START + timedelta(seconds=7), **fields)


def test_facts_are_of_one_generation_and_hold_no_name() -> None:
    """What earlier generations completed was counted with them."""
    first = BatchFacts.of(finished(status="FAILURE", completed_images=8, failed_images=2))
    assert (first.completed_images, first.failed_images, first.wait_ms, first.run_ms) == (8, 2, 2000, 5000)
    again = finished(status="SUCCESS", completed_images=10, carried_images=8, generation=1)
    assert BatchFacts.of(again).completed_images == 2
    assert BatchFacts.of(again).run_ms is None
    assert "holiday" not in first.model_dump_json()


def test_facts_of_a_retry_of_some_leave_out_what_was_not_retried() -> None:
    """It failed in an earlier generation, and was counted with that."""
    first = finished(
        status="FAILURE",
        completed_images=3,
        failed_images=4,
        revoked_images=3,
        failure_codes={"crashed": 3, "timeout": 1},
    )
    selection = Selection(frozenset({"timeout"}), frozenset({0, 1}), {"revoked": 1, "completed": 1}, generation=0)
    again = first.retried(START, selection=selection)
    totals = ChunkTotals(completed_images=1, failed_images=1, failure_codes={"crashed": 1})
    ended = again.stopped("cancelled", START).ended_early(totals, START)
    assert (ended.completed_images, ended.failed_images, ended.revoked_images) == (3, 4, 3)
    facts = BatchFacts.of(ended)
    assert (facts.completed_images, facts.failed_images, facts.revoked_images) == (1, 1, 1)
    assert facts.failure_codes == {"crashed": 1}


def test_facts_of_services_whose_clocks_differ_have_no_negative_times() -> None:
    """A tracker may be behind the gateway."""
    early = finished(status="SUCCESS").model_copy(update={"created_at": START + timedelta(seconds=9)})
    assert BatchFacts.of(early).wait_ms == 0


async def test_memory_keeps_the_newest_statistics_only() -> None:
    """A process on its own may run for years."""
    statistics = MemoryStatistics(max_periods=5, max_facts=5)
    for minute in range(20):
        moment = START + timedelta(minutes=minute)
        period = WorkPeriod(worker="w", begins_at=moment, seconds=60, slots=1, developed=1)
        await statistics.record_work([period])
        await statistics.record_work([period])
        await statistics.record_facts(BatchFacts.of(finished(id=f"b{minute}", status="SUCCESS")))
    found = await statistics.work(60, START, START + timedelta(hours=1), 60)
    assert [sums.at for sums in found] == [START + timedelta(minutes=minute) for minute in range(15, 20)]
    [ends] = await statistics.finished(START, START + timedelta(hours=1))
    assert ends.batches == 5
