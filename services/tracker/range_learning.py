"""How true estimates were: what batches that ended teach, and what the next estimates are told by."""

from functools import partial

from shared.documents import Batch, Certainty
from shared.ports import CostModels
from shared.running.clock import Clock

MAX_NOTED = 100
"""Batches that ended between two lessons; what comes beyond would teach nothing more."""


class RangeLearning:
    """Keeps what is known of how true estimates are; as good as new where a lesson is lost."""

    def __init__(self, models: CostModels, clock: Clock) -> None:
        self.certainty = Certainty()
        self._models = models
        self._clock = clock
        self._ended: list[Batch] = []

    def note(self, batch: Batch) -> None:
        """Keep a batch that has ended by itself, to learn from it."""
        if batch.marks and batch.finished_at and not batch.stop and len(self._ended) < MAX_NOTED:
            self._ended.append(batch)

    async def teach(self) -> None:
        """Learn from the batches that ended since the last time, and read what others have learnt.

        Raises a `TransientError` of the database.
        """
        ended, self._ended = self._ended, []
        self.certainty = await self._models.change_certainty(partial(self._taught, ended))

    def _taught(self, ended: list[Batch], certainty: Certainty) -> Certainty:
        for batch in ended:
            if batch.finished_at:
                certainty = certainty.learnt(batch.marks, batch.finished_at, self._clock())
        return certainty
