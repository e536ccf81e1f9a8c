"""The batches that the chunker could not be told of: once they wait for too long, no more are taken."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from services.gateway.answers.errors import ApiError
from services.gateway.answers.upload_codes import UploadCode
from shared.documents import Batch
from shared.running.clock import Clock
from shared.running.lifecycle import Readiness

MAX_NOTED = 10_000
"""Batches that are remembered. Beyond them a later search finds the rest, once these are told of."""

Owed = tuple[str, int]
"""A batch's id, and which of its submissions the chunker is to be told of."""


class Backlog:
    """Since when the chunker should have been told of which batches, as far as this gateway knows."""

    def __init__(self, clock: Clock, max_seconds: float, readiness: Readiness) -> None:
        self._clock = clock
        self._most_seconds = max_seconds
        self._readiness = readiness
        self._since: dict[Owed, datetime] = {}

    @property
    def noted(self) -> AbstractSet[Owed]:
        """What is owed, as it is now."""
        return frozenset(self._since)

    def note(self, batch: Batch) -> None:
        """The chunker is to be told of this batch."""
        if len(self._since) < MAX_NOTED:
            # Not `created_at`: a retry or a resumption is owed since it was asked for, however old the batch. Until the
            # chunker is told, hardly anybody else changes the batch: a resumed one ages once its last results are in.
            self._since[owed(batch)] = batch.updated_at

    def settle(self, batch: Batch) -> None:
        """The chunker was told of it, or need not be any more."""
        self._since.pop(owed(batch), None)

    def forget(self, settled: AbstractSet[Owed]) -> None:
        """Others have seen to these."""
        for each in settled:
            self._since.pop(each, None)

    def refuse_if_too_old(self) -> None:
        """Raise `ApiError` if the oldest has waited for longer than is allowed."""
        seconds = self._oldest_seconds()
        if seconds > self._most_seconds:
            details = {"oldest_seconds": round(seconds), "max_seconds": self._most_seconds}
            raise ApiError(UploadCode.BACKLOG_TOO_OLD, details=details)

    def report(self) -> None:
        """Say in the readiness whether uploads are taken; called whenever that is asked, as time alone changes it."""
        seconds = self._oldest_seconds()
        problem = f"the chunker could not be told of a batch for {seconds:.0f} s, so no more are taken"
        self._readiness.report("backlog", problem if seconds > self._most_seconds else None)

    def _oldest_seconds(self) -> float:
        oldest = min(self._since.values(), default=None)
        return 0.0 if oldest is None else (self._clock() - oldest).total_seconds()


def owed(batch: Batch) -> Owed:
    """What the chunker is to be told of."""
    return batch.id, batch.submissions
