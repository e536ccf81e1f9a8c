"""What all workers did, and which batches ended, over a range of time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.gateway.batches.statistics_range import StatisticsRange
from shared.documents import FactSums, WorkSums
from shared.ports import StatisticsReader
from shared.running.clock import Clock

FRESH_SECONDS = 30.0
"""How old an answer may be."""

MAX_CACHED = 16


@dataclass(frozen=True)
class FoundStatistics:
    """What was found in a range; steps in which no worker was there are absent from `work`."""

    range: StatisticsRange
    work: Mapping[datetime, WorkSums]
    failures_by_code: Mapping[str, int]
    finished: Sequence[FactSums]


class Statistics:
    """Adds up statistics on reading, one request at a time, and keeps the answers for half a minute."""

    def __init__(self, statistics: StatisticsReader, clock: Clock) -> None:
        self._statistics = statistics
        self._clock = clock
        self._turn = asyncio.Lock()
        self._cached: dict[StatisticsRange, tuple[datetime, FoundStatistics]] = {}

    async def read(self, asked: StatisticsRange) -> FoundStatistics:
        """What is known of the range, as it was at most half a minute ago; raises a `TransientError`."""
        async with self._turn:
            self._forget()
            if asked not in self._cached:
                self._cached[asked] = self._clock(), await self._read(asked)
            return self._cached[asked][1]

    def _forget(self) -> None:
        long_ago = self._clock() - timedelta(seconds=FRESH_SECONDS)
        fresh = {asked: kept for asked, kept in self._cached.items() if kept[0] > long_ago}
        # The oldest come first.
        self._cached = dict(list(fresh.items())[-MAX_CACHED:])

    async def _read(self, asked: StatisticsRange) -> FoundStatistics:
        within = asked.first, asked.end
        work = await self._statistics.work(asked.period_seconds, *within, asked.step)
        failures = await self._statistics.failures(asked.period_seconds, *within)
        return FoundStatistics(
            range=asked,
            work={sums.at: sums for sums in work},
            failures_by_code=failures,
            finished=await self._statistics.finished(*within),
        )
