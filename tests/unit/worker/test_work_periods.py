"""What a worker counts for the statistics, and how it writes that."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from services.worker.chunks.work_periods import MAX_GAP, MAX_UNWRITTEN, WorkPeriods
from services.worker.imaging.failures import ImageRejected
from shared.documents import Original, Print, WorkPeriod, WorkSums
from shared.errors import DocumentsUnavailableError
from shared.failure_codes import FailureCode
from shared.messaging.messages import ImageCompleted
from tests.fakes import START, SteppingClock
from tests.unit.worker.stage import LAST, Stage

MADE = Print(output="web", extension="jpg", media_type="image/jpeg", width=4, height=3, size_bytes=30)
DEVELOPED = ImageCompleted(
    batch_id="b",
    chunk=0,
    index=0,
    prints=(MADE, MADE),
    original=Original(width=40, height=30, format="jpeg"),
    duration_ms=100,
)


class Statistics:
    """A store that keeps the newest record of each period, and may be away."""

    def __init__(self) -> None:
        self.stored: dict[str, WorkPeriod] = {}
        self.written: list[int] = []
        self.is_away = False

    async def record_work(self, periods: Sequence[WorkPeriod]) -> None:
        """See `WorkRecorder`."""
        if self.is_away:
            raise DocumentsUnavailableError("no answer")
        self.written.append(len(periods))
        self.stored.update({period.id: period for period in periods})

    def minutes(self) -> list[WorkPeriod]:
        """The minutes in order."""
        return sorted((p for p in self.stored.values() if p.seconds == 60), key=lambda period: period.begins_at)


class Counting:
    """A worker's periods, on a clock that a test moves."""

    def __init__(self, start: datetime = START) -> None:
        self.clock = SteppingClock(start)
        self.statistics = Statistics()
        self.periods = WorkPeriods(self.statistics, "w.1", 2, self.clock)

    async def pass_seconds(self, seconds: int) -> None:
        """Let time pass, with a heartbeat every two seconds."""
        for _ in range(seconds // 2):
            self.clock.step(2)
            await self.periods.write()


async def test_a_minute_and_its_hour_hold_what_was_done() -> None:
    """Whole figures, each time."""
    counting = Counting()
    counting.periods.count_developed(DEVELOPED, 500)
    counting.periods.count_failed("unreadable")
    await counting.pass_seconds(2)
    counting.periods.count_developed(DEVELOPED, 500)
    counting.periods.count_failed("timeout", 3)
    await counting.pass_seconds(2)
    for seconds, begins_at in ((60, START), (3600, START.replace(minute=0))):
        assert counting.statistics.stored[f"w.1|{begins_at:%Y-%m-%dT%H:%M}|{seconds}"] == WorkPeriod(
            worker="w.1",
            begins_at=begins_at,
            seconds=seconds,
            slots=2,
            alive_ms=4000,
            developed=2,
            failed=4,
            failed_by_code={"unreadable": 1, "timeout": 3},
            bytes_in=1000,
            bytes_out=120,
            pixels=2400,
            durations=(0, 0, 0, 0, 0, 0, 2, *[0] * 9),
        )


async def test_time_is_counted_in_the_minute_in_which_it_passed() -> None:
    """A minute begins between two heartbeats."""
    counting = Counting(START + timedelta(seconds=59))
    with counting.periods.busy_slot() as begin:
        begin()
        begin()
        await counting.pass_seconds(2)
    first, second = counting.statistics.minutes()
    assert (first.alive_ms, first.busy_ms, second.alive_ms, second.busy_ms) == (1000, 1000, 1000, 1000)


async def test_busy_time_begins_when_the_image_does_and_is_added_up_over_slots() -> None:
    """What waits for its slot keeps none busy, and what never begins has no time."""
    counting = Counting()
    with (
        counting.periods.busy_slot() as begin,
        counting.periods.busy_slot() as begin_other,
        counting.periods.busy_slot(),
    ):
        counting.clock.step(10)
        begin()
        counting.clock.step(10)
        begin_other()
        counting.clock.step(10)
    counting.clock.step(10)
    await counting.periods.write()
    [minute] = counting.statistics.minutes()
    assert (minute.alive_ms, minute.busy_ms) == (40_000, 30_000)


async def test_an_image_that_fails_kept_its_slot_busy() -> None:
    """Time is spent on it as well."""
    counting = Counting()

    def fail() -> None:
        with counting.periods.busy_slot() as begin:
            begin()
            counting.clock.step(5)
            raise ImageRejected(FailureCode.TIMEOUT, "Too long.")

    with pytest.raises(ImageRejected):
        fail()
    await counting.periods.write()
    assert [minute.busy_ms for minute in counting.statistics.minutes()] == [5000]


async def test_what_is_over_is_written_once_more_and_then_left_alone() -> None:
    """A write is as large in the last hour of a week as in the first minute."""
    counting = Counting(START + timedelta(seconds=1))
    await counting.pass_seconds(600)
    assert [minute.alive_ms for minute in counting.statistics.minutes()] == [59_000, *[60_000] * 9, 1000]
    # The present minute and hour, and with the first write of a minute the one before.
    assert max(counting.statistics.written) == 3
    assert counting.statistics.written[-10:].count(2) >= 8


async def test_a_database_that_was_away_gets_everything_when_it_is_back() -> None:
    """Nothing is lost but what a killed worker had not written."""
    counting = Counting()
    counting.statistics.is_away = True
    for _ in range(90):
        counting.clock.step(2)
        counting.periods.count_failed("unreadable")
        with pytest.raises(DocumentsUnavailableError):
            await counting.periods.write()
    counting.statistics.is_away = False
    await counting.periods.write()
    assert [minute.alive_ms for minute in counting.statistics.minutes()][:3] == [60_000] * 3
    assert sum(minute.failed for minute in counting.statistics.minutes()) == 90


async def test_a_database_that_stays_away_costs_little_memory() -> None:
    """The newest periods are kept."""
    counting = Counting()
    counting.statistics.is_away = True
    for _ in range(MAX_UNWRITTEN + 50):
        counting.clock.step(60)
        counting.periods.count_failed("unreadable")
        with pytest.raises(DocumentsUnavailableError):
            await counting.periods.write()
    counting.statistics.is_away = False
    await counting.periods.write()
    assert counting.statistics.written == [MAX_UNWRITTEN]
    assert counting.statistics.minutes()[-1].begins_at == START + timedelta(minutes=MAX_UNWRITTEN + 50)


@pytest.mark.parametrize("seconds", [MAX_GAP.total_seconds() + 1, -3600.0, 10 * 365 * 86400.0])
async def test_a_clock_that_jumps_gives_no_time(seconds: float) -> None:
    """A computer that slept was not busy."""
    counting = Counting()
    with counting.periods.busy_slot() as begin:
        begin()
        counting.clock.step(seconds)
    await counting.pass_seconds(4)
    assert sum(minute.alive_ms for minute in counting.statistics.minutes()) == 4000
    assert sum(minute.busy_ms for minute in counting.statistics.minutes()) == 0


async def sums(stage: Stage) -> WorkSums:
    """What the stage's worker has written, of all time."""
    await stage.worker.periods.write()
    [found] = await stage.documents.statistics.work(60, START, START + timedelta(days=1), 86400)
    return found


async def test_developed_and_failed_images_of_a_chunk_are_counted() -> None:
    """With the bytes of the originals and prints of those that were developed."""
    stage = Stage()
    await stage.set_up()
    stage.engine.instead[b"original 1"] = ImageRejected(FailureCode.UNREADABLE, "No image.")
    await stage.developing.develop(await stage.worker.take())
    found = await sums(stage)
    assert (found.developed, found.failed, found.bytes_in) == (3, 1, 30)
    assert found.bytes_out == 3 * 2 * len(b"print of original 0")
    assert await stage.documents.statistics.failures(60, START, START + timedelta(days=1)) == {"unreadable": 1}


async def test_images_of_a_chunk_that_is_given_up_are_counted_by_its_cause() -> None:
    """A store that stays away is seen in the chart; what was developed before counts as developed."""
    stage = Stage()
    await stage.set_up()
    for index in (1, 2):
        stage.engine.instead[b"original %d" % index] = OSError("disk")
    await stage.handlers.chunk_ready(LAST)
    assert ((await sums(stage)).developed, (await sums(stage)).failed) == (2, 2)
    assert await stage.documents.statistics.failures(60, START, START + timedelta(days=1)) == {"internal_error": 2}
