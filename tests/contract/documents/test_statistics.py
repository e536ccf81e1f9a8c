"""What every store of statistics promises."""

from shared.documents import BatchFacts, FactSums, Status, WorkPeriod, WorkSums, period_start
from shared.documents.work_period import PeriodSeconds
from shared.ports import StatisticsStore
from tests.contract.documents.examples import START, after

FIRST = period_start(START, 3600)


def a_period(
    worker: str = "w", minute: int = 0, *, alive: int = 1000, developed: int = 0, seconds: PeriodSeconds = 60
) -> WorkPeriod:
    """What a worker of two slots did in a minute of the first hour, or in that hour."""
    durations = [0] * 16
    durations[6] = developed
    return WorkPeriod(
        worker=worker,
        begins_at=after(60 * minute).replace(minute=minute, second=0, microsecond=0),
        seconds=seconds,
        slots=2,
        alive_ms=alive,
        busy_ms=alive // 2,
        developed=developed,
        failed=3,
        failed_by_code={"unreadable": 2, "$odd.code": 1},
        bytes_in=5_000_000_000,
        bytes_out=700,
        pixels=10**12,
        durations=tuple(durations),
    )


def some_facts(
    batch_id: str = "b", finished: float = 0, *, recipe: str = "web", status: Status = "SUCCESS", generation: int = 0
) -> BatchFacts:
    """The facts of a batch that ended so many seconds after the start."""
    return BatchFacts(
        batch_id=batch_id,
        generation=generation,
        recipe=recipe,
        priority="normal",
        status=status,
        finished_at=after(finished),
        completed_images=10,
        failed_images=1,
        wait_ms=None if generation else 200,
        run_ms=None if generation else 0,
    )


async def test_work_of_all_workers_is_added_up_by_steps(statistics: StatisticsStore) -> None:
    """Steps without a period are absent, and periods of another length count in another sum."""
    await statistics.record_work([a_period("a", 0, developed=5), a_period("a", 1), a_period("a", 5, developed=7)])
    await statistics.record_work([a_period("b", 1, developed=1), a_period("b", 0, developed=100, seconds=3600)])
    found = await statistics.work(60, FIRST, after(3600), 120)
    assert [(sums.at, sums.developed, sums.failed, sums.durations[6]) for sums in found] == [
        (FIRST, 6, 9, 6),
        (FIRST.replace(minute=4), 7, 3, 7),
    ]
    assert found[0] == WorkSums(
        at=FIRST,
        developed=6,
        failed=9,
        bytes_in=15_000_000_000,
        bytes_out=2100,
        busy_ms=1500,
        capacity_ms=6000,
        durations=(0, 0, 0, 0, 0, 0, 6, *[0] * 9),
    )
    assert [sums.developed for sums in await statistics.work(3600, FIRST, after(3600), 3600)] == [100]


async def test_a_range_holds_its_beginning_and_not_its_end(statistics: StatisticsStore) -> None:
    """So that ranges side by side count every period once."""
    await statistics.record_work([a_period(minute=minute, developed=1) for minute in range(4)])
    found = await statistics.work(60, FIRST.replace(minute=1), FIRST.replace(minute=3), 60)
    assert [sums.at.minute for sums in found] == [1, 2]
    assert await statistics.failures(60, FIRST.replace(minute=1), FIRST.replace(minute=3)) == {
        "unreadable": 4,
        "$odd.code": 2,
    }
    assert await statistics.work(60, FIRST.replace(minute=4), after(3600), 60) == []


async def test_the_same_figures_again_change_nothing_and_older_ones_come_too_late(statistics: StatisticsStore) -> None:
    """The one writer writes whole figures, and a write may be overtaken on its way."""
    newest = a_period(alive=3000, developed=3)
    for period in (a_period(alive=1000, developed=1), newest, a_period(alive=2000, developed=2), newest):
        await statistics.record_work([period])
    [sums] = await statistics.work(60, FIRST, after(3600), 60)
    assert (sums.developed, sums.capacity_ms) == (3, 6000)


async def test_another_life_of_a_worker_is_another_writer(statistics: StatisticsStore) -> None:
    """Its figures stand beside those of the life before, in the same minute."""
    await statistics.record_work([a_period("w.1", developed=5)])
    await statistics.record_work([a_period("w.2", alive=1, developed=1)])
    assert [sums.developed for sums in await statistics.work(60, FIRST, after(3600), 60)] == [6]


async def test_ends_are_added_up_by_recipe_and_status(statistics: StatisticsStore) -> None:
    """A retry has no times of its own, and those of no milliseconds are times as well."""
    await statistics.record_facts(some_facts("b1"))
    await statistics.record_facts(some_facts("b1", 5, generation=1))
    await statistics.record_facts(some_facts("b2", 9, status="FAILURE"))
    await statistics.record_facts(some_facts("b3", 9, recipe="archive"))
    await statistics.record_facts(some_facts("b4", 10))
    images = {"completed_images": 10, "failed_images": 1, "timed_batches": 1, "wait_ms": 200}
    assert list(await statistics.finished(after(0), after(10))) == [
        FactSums(recipe="archive", status="SUCCESS", batches=1, **images),
        FactSums(recipe="web", status="FAILURE", batches=1, **images),
        FactSums(
            recipe="web",
            status="SUCCESS",
            batches=2,
            completed_images=20,
            failed_images=2,
            timed_batches=1,
            wait_ms=200,
        ),
    ]


async def test_facts_of_a_generation_replace_those_before(statistics: StatisticsStore) -> None:
    """However often it is finished, it ended once."""
    for status in ("SUCCESS", "SUCCESS", "REVOKED"):
        await statistics.record_facts(some_facts(status=status))
    assert [(sums.status, sums.batches) for sums in await statistics.finished(after(0), after(1))] == [("REVOKED", 1)]


async def test_an_empty_store_has_nothing_to_show(statistics: StatisticsStore) -> None:
    """And to record nothing is no error."""
    await statistics.record_work([])
    assert list(await statistics.work(60, FIRST, after(3600), 60)) == []
    assert dict(await statistics.failures(60, FIRST, after(3600))) == {}
    assert list(await statistics.finished(FIRST, after(3600))) == []
