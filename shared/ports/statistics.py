"""What services need of the statistics: what workers did by minute and hour, and how generations of batches ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shared.documents import BatchFacts, FactSums, PeriodSeconds, WorkPeriod, WorkSums


class WorkRecorder(Protocol):
    """Statistics as a worker writes them."""

    async def record_work(self, periods: Sequence[WorkPeriod]) -> None:
        """Store what one worker did; of two records of a period, the one with more `alive_ms` stays."""


class FactsRecorder(Protocol):
    """Statistics as they are written when a batch finishes."""

    async def record_facts(self, facts: BatchFacts) -> None:
        """Store the facts of a finished generation, in the place of those that are recorded of it."""


class StatisticsReader(Protocol):
    """Statistics as they are shown; each method takes what lies in `first` <= time < `end`."""

    async def work(self, seconds: PeriodSeconds, first: datetime, end: datetime, step: int) -> Sequence[WorkSums]:
        """The sums over the periods of `seconds`, by steps of `step` seconds counted from 1970; empty steps are absent.

        They come in the order of time.
        """

    async def failures(self, seconds: PeriodSeconds, first: datetime, end: datetime) -> Mapping[str, int]:
        """How many images failed in the periods of `seconds`, by code."""

    async def finished(self, first: datetime, end: datetime) -> Sequence[FactSums]:
        """The sums over the generations that ended, by recipe and status, in that order."""


class StatisticsStore(WorkRecorder, FactsRecorder, StatisticsReader, Protocol):
    """The statistics as a whole; a user takes the part that it needs."""
