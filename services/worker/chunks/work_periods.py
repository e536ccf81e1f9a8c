"""What this worker has done, minute by minute and hour by hour, on its way to the statistics."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.documents import (
    DURATION_BUCKETS,
    PERIOD_SECONDS,
    PeriodSeconds,
    WorkPeriod,
    duration_bucket,
    period_start,
)
from shared.messaging.messages import ImageCompleted
from shared.ports import WorkRecorder
from shared.running.clock import Clock

MAX_GAP = timedelta(minutes=1)
"""A heartbeat counts the time since the last one; if that is longer ago, the process was asleep, and it is left out."""

MAX_UNWRITTEN = 200
"""Periods that wait for a database that is away, three hours of them; the oldest are left out."""

_MILLISECOND = timedelta(milliseconds=1)
_MINUTE = timedelta(seconds=60)


@dataclass
class _Tally:
    """The figures of one period while they grow, as `WorkPeriod` names them."""

    alive_ms: int = 0
    busy_ms: int = 0
    developed: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    pixels: int = 0
    failed_by_code: Counter[str] = field(default_factory=Counter)
    durations: list[int] = field(default_factory=lambda: [0] * DURATION_BUCKETS)


class WorkPeriods:
    """Counts images and time in this process, and writes whole figures of each period again and again.

    Figures of one writer never have to be added to what is stored: a lost write is made good by the next, and a killed
    worker loses what it did since the last.
    """

    def __init__(self, statistics: WorkRecorder, worker: str, slots: int, clock: Clock) -> None:
        self._statistics = statistics
        self._worker = worker
        self._slots = slots
        self._clock = clock
        self._tallies: dict[tuple[PeriodSeconds, datetime], _Tally] = {}
        self._counted_until = clock()
        self._busy_slots = 0
        self.completed_images = 0
        """Since the process began, as `failed_images`."""
        self.failed_images: Counter[str] = Counter()
        """By code."""

    @property
    def busy_slots(self) -> int:
        """Slots that develop an image at present."""
        return self._busy_slots

    @contextmanager
    def busy_slot(self) -> Iterator[Callable[[], None]]:
        """Yield what begins the time of a slot that develops an image; it ends with the block."""
        began = False

        def begin() -> None:
            nonlocal began
            if not began:
                self._count_time()
                self._busy_slots += 1
                began = True

        try:
            yield begin
        finally:
            if began:
                self._count_time()
                self._busy_slots -= 1

    def count_developed(self, result: ImageCompleted, size_bytes: int) -> None:
        """Count an image that was developed from an original of `size_bytes`."""
        self.completed_images += 1
        original, bytes_out = result.original, sum(made.size_bytes for made in result.prints)
        for tally in self._at(self._clock()):
            tally.developed += 1
            tally.bytes_in += size_bytes
            tally.bytes_out += bytes_out
            tally.pixels += original.width * original.height if original else 0
            tally.durations[duration_bucket(result.duration_ms)] += 1

    def count_failed(self, code: str, images: int = 1) -> None:
        """Count images that failed for that reason."""
        self.failed_images[code] += images
        for tally in self._at(self._clock()):
            tally.failed_by_code[code] += images

    async def write(self) -> None:
        """Store every period that may have changed since it was stored.

        Raises a `TransientError` after which the same is written again.
        """
        self._count_time()
        counted_until = self._counted_until
        for key in list(self._tallies)[:-MAX_UNWRITTEN]:
            del self._tallies[key]
        written = dict(self._tallies)
        await self._statistics.record_work([self._period(*key, tally) for key, tally in written.items()])
        for seconds, begins_at in written:
            # Counted to its end before it was written, a period that is over changes no more.
            if begins_at + timedelta(seconds=seconds) <= counted_until:
                del self._tallies[seconds, begins_at]

    def _period(self, seconds: PeriodSeconds, begins_at: datetime, tally: _Tally) -> WorkPeriod:
        figures = {**vars(tally), "failed_by_code": dict(tally.failed_by_code)}
        return WorkPeriod(
            worker=self._worker,
            begins_at=begins_at,
            seconds=seconds,
            slots=self._slots,
            failed=tally.failed_by_code.total(),
            **figures,
        )

    def _count_time(self) -> None:
        now, since = self._clock(), self._counted_until
        self._counted_until = now
        # A clock that was set back gives no time either.
        if now - since > MAX_GAP:
            return
        while since < now:
            until = min(now, period_start(since, 60) + _MINUTE)
            for tally in self._at(since):
                tally.alive_ms += (until - since) // _MILLISECOND
                tally.busy_ms += (until - since) // _MILLISECOND * self._busy_slots
            since = until

    def _at(self, moment: datetime) -> list[_Tally]:
        """The tallies of the periods that hold the moment."""
        return [self._tallies.setdefault((s, period_start(moment, s)), _Tally()) for s in PERIOD_SECONDS]
