"""The batches that wait to be published to the chunker: once that stalls for too long, no more are taken."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from services.gateway.answers.errors import ApiError
from services.gateway.answers.upload_codes import UploadCode
from shared.documents import Batch
from shared.running.clock import Clock
from shared.running.lifecycle import Readiness

MAX_NOTED = 10_000
"""Batches that are remembered. Beyond them a later sweep finds the rest, once these are published."""

Owed = tuple[str, int]
"""A batch's id, and which of its submissions is to be published."""


class Backlog:
    """Since when batches wait to be published to the chunker, as far as this gateway knows."""

    def __init__(self, clock: Clock, max_seconds: float, readiness: Readiness, max_noted: int = MAX_NOTED) -> None:
        self._clock = clock
        self._max_seconds = max_seconds
        self._readiness = readiness
        self._max_noted = max_noted
        self._since: dict[Owed, datetime] = {}
        self._settled_at: datetime | None = None

    @property
    def noted(self) -> AbstractSet[Owed]:
        """What is owed, as it is now."""
        return frozenset(self._since)

    def note(self, batch: Batch) -> None:
        """Count a batch that is to be published."""
        if len(self._since) < self._max_noted:
            # Not `created_at`: a retry or resumption is owed since it was asked for, however old the batch. Until then
            # hardly anything else changes the batch: a resumed one ages once its last results are in.
            self._since[owed(batch)] = batch.updated_at

    def settle(self, batch: Batch) -> None:
        """The batch is published, so the broker takes messages, however many others still wait."""
        self._since.pop(owed(batch), None)
        self._settled_at = self._clock()

    def forget(self, settled: AbstractSet[Owed]) -> None:
        """Drop what others published, or what need not be published any more."""
        for each in settled:
            self._since.pop(each, None)

    def refuse_if_too_old(self) -> None:
        """Raise `ApiError` if the oldest has waited for longer than is allowed, and nothing was published meanwhile."""
        seconds = self.stalled_seconds
        if seconds > self._max_seconds:
            details = {"oldest_seconds": round(seconds), "max_seconds": self._max_seconds}
            raise ApiError(UploadCode.BACKLOG_TOO_OLD, details=details)

    def report(self) -> None:
        """Say in the readiness whether uploads are taken; called whenever that is asked, as time alone changes it."""
        seconds = self.stalled_seconds
        problem = f"no batch could be published to the chunker for {seconds:.0f} s, so no more are taken"
        self._readiness.report("backlog", problem if seconds > self._max_seconds else None)

    @property
    def stalled_seconds(self) -> float:
        """How long batches have waited without one being published."""
        oldest = min(self._since.values(), default=None)
        if oldest is None:
            return 0.0
        return (self._clock() - max(oldest, self._settled_at or oldest)).total_seconds()


def owed(batch: Batch) -> Owed:
    """The key under which a batch is counted."""
    return batch.id, batch.submissions
