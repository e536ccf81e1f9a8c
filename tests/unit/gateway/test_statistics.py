"""Statistics over HTTP: ranges and steps, figures, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.batches.statistics import FRESH_SECONDS, MAX_CACHED, Statistics
from services.gateway.batches.statistics_range import MAX_POINTS, statistics_range
from shared.adapters.memory_statistics import MemoryStatistics
from shared.documents import BatchFacts, PeriodSeconds, WorkPeriod
from tests.fakes import START, SteppingClock, new_batch
from tests.unit.gateway.conftest import Gateway

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def minute(number: int = 0, worker: str = "w", seconds: PeriodSeconds = 60, **figures: Any) -> WorkPeriod:
    """What a worker of two slots did in the minute that began so many before the start, half of it busy."""
    time = {"slots": 2, "alive_ms": 60_000, "busy_ms": 60_000}
    begins_at = START - timedelta(minutes=number)
    return WorkPeriod(worker=worker, begins_at=begins_at, seconds=seconds, **{**time, **figures})


def iso(moment: datetime) -> str:
    """As the API says it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def shown(gateway: Gateway, **query: str) -> dict[str, Any]:
    """The statistics of a range."""
    answer = await gateway.client.get("/pipeline/stats", params=query)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def refused(gateway: Gateway, **query: str) -> str:
    """The code with which a range is refused."""
    answer = await gateway.client.get("/pipeline/stats", params=query, headers={"Accept-Language": "en"})
    assert answer.status_code == 422, answer.text
    code: str = answer.json()["error"]["code"]
    return code


async def test_the_last_hour_is_shown_minute_by_minute(gateway: Gateway) -> None:
    """Every step has its point, also one in which no worker was there."""
    gateway.clock.step(30)
    durations = [0] * 16
    durations[6] = 9
    durations[9] = 1
    developed = minute(
        1, developed=10, failed=2, failed_by_code={"unreadable": 2}, bytes_in=500, bytes_out=50, durations=durations
    )
    await gateway.ports.statistics.record_work([developed, minute(1, "idle", busy_ms=0)])
    data = await shown(gateway)
    assert data["step"] == 60
    assert [point["at"] for point in data["points"]] == [iso(START - timedelta(minutes=n)) for n in range(60, -1, -1)]
    assert data["points"][-2] == {
        "at": iso(START - timedelta(minutes=1)),
        "developed": 10,
        "failed": 2,
        "bytes_in": 500,
        "bytes_out": 50,
        "p50_ms": round(64 * 2 ** (5 / 9)),
        "p95_ms": round(512 * 2**0.5),
        "busy_share": 0.25,
    }
    nothing = {"developed": 0, "failed": 0, "bytes_in": 0, "bytes_out": 0}
    assert data["points"][-1] == {"at": iso(START), **nothing, "p50_ms": None, "p95_ms": None, "busy_share": None}
    assert data["failures_by_code"] == {"unreadable": 2}


@pytest.mark.parametrize(
    ("length", "step", "points"),
    [
        (timedelta(seconds=1), 60, 1),
        (6 * HOUR, 60, 360),
        (6 * HOUR + timedelta(seconds=1), 3600, 7),
        (15 * DAY - HOUR, 3600, 360),
        (15 * DAY, 86400, 16),
        (359 * DAY, 86400, 360),
    ],
)
def test_the_smallest_steps_are_taken_that_suit(length: timedelta, step: int, points: int) -> None:
    """At most 360 points, whole steps at both ends: a range that is not cut at them has one more."""
    now = START + timedelta(minutes=0)
    found = statistics_range(now - length, now, None, now)
    assert (found.step, found.points) == (step, points)
    assert found.first <= now - length < now <= found.end
    assert found.first.timestamp() % step == 0
    assert len(found.times) == found.points


def test_steps_that_are_asked_for_are_taken() -> None:
    """As long as there are not too many."""
    assert statistics_range(START - HOUR, START, 3600, START).points == 2
    assert statistics_range(START - 5 * HOUR, START, 60, START).points == 300
    with pytest.raises(ApiError) as raised:
        statistics_range(START - 7 * HOUR, START, 60, START)
    assert raised.value.details == {"max_points": MAX_POINTS, "step": 60}


def test_a_range_ends_with_the_present() -> None:
    """What has not come yet has no points, and its minute is there as far as it has got."""
    now = START + timedelta(seconds=30)
    ends = [None, now, now + timedelta(seconds=1), now + 1000 * DAY, datetime.max.replace(tzinfo=UTC)]
    assert {statistics_range(now - HOUR, end, None, now).end for end in ends} == {START + timedelta(minutes=1)}


def test_an_end_without_a_beginning_has_the_hour_before_it() -> None:
    """Also an end in the past."""
    found = statistics_range(None, START - DAY, None, START)
    assert (found.first, found.points) == (START - DAY - HOUR, 60)


def test_a_time_without_an_offset_is_utc_and_others_are_moved() -> None:
    """As everywhere in the API."""
    korean = datetime.fromisoformat("2025-01-15T18:30:00+09:00")
    naive = datetime.fromisoformat("2025-01-15T09:30:00")
    assert statistics_range(korean, None, None, START) == statistics_range(naive, None, None, START)


async def test_ranges_that_make_no_sense_are_refused_by_name(gateway: Gateway) -> None:
    """Each with what to do; nothing is read for them."""
    ago, to_come = iso(START - HOUR), iso(START + HOUR)
    assert await refused(gateway, **{"from": iso(START), "to": ago}) == "range_empty"
    assert await refused(gateway, **{"from": ago, "to": ago}) == "range_empty"
    assert await refused(gateway, **{"from": to_come}) == "range_empty"
    assert await refused(gateway, **{"from": to_come, "to": iso(START + 2 * HOUR)}) == "range_in_future"
    assert await refused(gateway, **{"from": "1970-01-01"}) == "range_too_long"
    assert await refused(gateway, **{"from": "0001-01-01T00:00:00+14:00"}) == "range_too_long"
    assert await refused(gateway, **{"to": "0001-01-01T00:00:00Z", "from": "0001-01-01"}) == "range_empty"
    for beginning in ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        assert await refused(gateway, to=beginning) == "range_empty"
    assert await refused(gateway, **{"from": iso(START - 2 * DAY), "step": "60"}) == "range_too_long"


@pytest.mark.parametrize("step", ["60", "3600", "86400"])
async def test_the_first_day_of_all_is_a_range(gateway: Gateway, step: str) -> None:
    """There is no time before it, also where an offset names one."""
    data = await shown(gateway, **{"from": "0001-01-01T00:00:00+14:00", "to": "0001-01-01T01:00:00Z", "step": step})
    assert data["points"][0]["at"] == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "query",
    [
        {"step": "61"},
        {"step": ""},
        {"from": "yesterday"},
        {"to": "9" * 400},
        {"from": "NaN"},
        {"to": ""},
        {"to": "0.5"},
        {"from": "-5"},
    ],
)
async def test_what_is_no_time_or_step_is_an_invalid_request(gateway: Gateway, query: dict[str, str]) -> None:
    """It says which field."""
    assert await refused(gateway, **query) == "invalid_request"


async def test_a_range_at_the_end_of_time_is_answered(gateway: Gateway) -> None:
    """Dates that no offset can move."""
    assert await shown(gateway, **{"from": iso(START - HOUR), "to": "9999-12-31T23:59:59-14:00"})


async def test_longer_steps_are_made_of_hours(gateway: Gateway) -> None:
    """A day's points are read from 24 documents of a worker."""
    await gateway.ports.statistics.record_work([minute(0, developed=1), minute(30, seconds=3600, developed=50)])
    gateway.clock.step(60)
    by_hour = await shown(gateway, step="3600", **{"from": iso(START - 2 * HOUR)})
    assert [point["developed"] for point in by_hour["points"]] == [0, 0, 50]
    by_day = await shown(gateway, step="86400", **{"from": iso(START - 2 * DAY)})
    assert [point["developed"] for point in by_day["points"]] == [0, 0, 50]


def facts(number: int, *, recipe: str = "web", **fields: Any) -> BatchFacts:
    """The facts of a batch that waited for a second and took three."""
    batch = new_batch(f"b{number}").released(5, START + timedelta(seconds=1))
    ended = batch.changed(START, finished_at=START + timedelta(seconds=4), **{"status": "SUCCESS", **fields})
    return BatchFacts.of(ended).model_copy(update={"recipe": recipe})


async def test_batches_that_ended_are_counted(gateway: Gateway) -> None:
    """By recipe, with times of those that were no retries."""
    gateway.clock.step(60)
    for some in (
        facts(1, completed_images=10),
        facts(2, status="FAILURE", completed_images=8, failed_images=2),
        facts(2, completed_images=10, carried_images=8, generation=1),
        facts(3, recipe="archive", status="REVOKED", revoked_images=10),
    ):
        await gateway.ports.statistics.record_facts(some)
    data = await shown(gateway)
    assert data["batches"] == {
        "finished": 4,
        "succeeded": 2,
        "failed": 1,
        "revoked": 1,
        "completed_images": 20,
        "failed_images": 2,
        "revoked_images": 10,
        "mean_wait_seconds": 1.0,
        "mean_run_seconds": 3.0,
    }
    assert data["by_recipe"] == {
        "web": {"batches": 3, "completed_images": 20, "failed_images": 2, "revoked_images": 0},
        "archive": {"batches": 1, "completed_images": 0, "failed_images": 0, "revoked_images": 10},
    }


async def test_many_recipes_are_cut_to_those_with_the_most_images(gateway: Gateway) -> None:
    """Every upload may bring a recipe of its own name."""
    gateway.clock.step(60)
    for number in range(60):
        await gateway.ports.statistics.record_facts(facts(number, recipe=f"r{number}", completed_images=number))
    data = await shown(gateway)
    assert list(data["by_recipe"]) == [f"r{number}" for number in range(59, 9, -1)]
    assert data["batches"]["finished"] == 60


async def test_a_batch_that_is_deleted_while_it_stops_is_counted_as_revoked(gateway: Gateway) -> None:
    """Deleting it ends it, and its facts stay."""
    batch = new_batch("3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11").stopped("cancelled", START)
    await gateway.ports.batches.add(batch)
    for _ in range(2):
        assert (await gateway.client.delete(f"/pipeline/batch/{batch.id}")).status_code == 200
    gateway.clock.step(60)
    data = await shown(gateway)
    assert (data["batches"]["finished"], data["batches"]["revoked_images"]) == (1, 10)


async def test_there_is_a_head_of_it(gateway: Gateway) -> None:
    """As of every address that can be read."""
    assert (await gateway.client.head("/pipeline/stats")).status_code == 200
    assert (await gateway.client.head("/pipeline/stats?step=7")).status_code == 422


class CountingStatistics(MemoryStatistics):
    """Statistics that count how often they are read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def work(self, *asked: Any) -> Any:
        """See `StatisticsReader`."""
        self.reads += 1
        return await super().work(*asked)


async def test_an_answer_is_kept_for_half_a_minute() -> None:
    """A page that many look at costs no more than one that nobody does."""
    clock, store = SteppingClock(), CountingStatistics()
    statistics = Statistics(store, clock)
    asked = statistics_range(None, None, None, START)
    for _ in range(3):
        await statistics.read(asked)
        clock.step(FRESH_SECONDS / 3 - 1)
    assert store.reads == 1
    clock.step(FRESH_SECONDS)
    await statistics.read(asked)
    assert store.reads == 2


async def test_few_answers_are_kept() -> None:
    """Whatever ranges are asked for."""
    clock, store = SteppingClock(), CountingStatistics()
    statistics = Statistics(store, clock)
    for hours in range(100):
        await statistics.read(statistics_range(START - hours * HOUR - DAY, START - hours * HOUR, None, START))
    assert store.reads == 100
    assert len(statistics._cached) <= MAX_CACHED + 1
