"""The statistics in this process's memory, and only the newest of them: a process may run for years."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from shared.adapters.yielding import yielding
from shared.documents import BatchFacts, FactSums, PeriodSeconds, WorkPeriod, WorkSums, period_start

MAX_PERIODS = 3000
"""Periods kept: two days of one worker's minutes, with their hours. Each takes about 1 kB."""

MAX_FACTS = 3000


@yielding
class MemoryStatistics:
    """The newest periods and facts by id, in the order in which they were first recorded."""

    def __init__(self, max_periods: int = MAX_PERIODS, max_facts: int = MAX_FACTS) -> None:
        self._periods: dict[str, WorkPeriod] = {}
        self._facts: dict[str, BatchFacts] = {}
        self._max_periods = max_periods
        self._max_facts = max_facts

    async def record_work(self, periods: Sequence[WorkPeriod]) -> None:
        for period in periods:
            known = self._periods.get(period.id)
            # A period's time only grows, so the record with more of it is the newer one.
            if known is None or known.alive_ms <= period.alive_ms:
                self._periods[period.id] = period
        while len(self._periods) > self._max_periods:
            del self._periods[next(iter(self._periods))]

    async def record_facts(self, facts: BatchFacts) -> None:
        self._facts[facts.id] = facts
        while len(self._facts) > self._max_facts:
            del self._facts[next(iter(self._facts))]

    async def work(self, seconds: PeriodSeconds, first: datetime, end: datetime, step: int) -> Sequence[WorkSums]:
        sums: dict[datetime, WorkSums] = {}
        for period in self._within(seconds, first, end):
            at = period_start(period.begins_at, step)
            sums[at] = sums.get(at, WorkSums(at=at)).plus(period)
        return [sums[at] for at in sorted(sums)]

    async def failures(self, seconds: PeriodSeconds, first: datetime, end: datetime) -> Mapping[str, int]:
        by_code = Counter[str]()
        for period in self._within(seconds, first, end):
            by_code.update(period.failed_by_code)
        return by_code

    async def finished(self, first: datetime, end: datetime) -> Sequence[FactSums]:
        sums: dict[tuple[str, str], FactSums] = {}
        for facts in self._facts.values():
            if first <= facts.finished_at < end:
                known = sums.get((facts.recipe, facts.status), FactSums(recipe=facts.recipe, status=facts.status))
                sums[facts.recipe, facts.status] = known.plus(facts)
        return [sums[key] for key in sorted(sums)]

    def _within(self, seconds: PeriodSeconds, first: datetime, end: datetime) -> Iterator[WorkPeriod]:
        return (p for p in self._periods.values() if p.seconds == seconds and first <= p.begins_at < end)
