"""What the chunker does with messages: note which batches have moved, then release what there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from services.chunker.releases import Releases
from services.chunker.scheduler import Scheduler
from services.chunker.settings import ChunkerSettings
from shared.documents import Batch
from shared.messaging.messages import BatchSubmitted, ChunkSettled, WorkMessage
from shared.ports import ChangedBatches, ChunkReleases
from shared.running.clock import Clock
from shared.running.sweeping import SweepFailures

log = structlog.get_logger()


@dataclass
class ChunkerHandlers:
    """Handles messages only as hints at documents: a batch that has to wait is known by its document."""

    batches: ChangedBatches
    chunks: ChunkReleases
    releases: Releases
    scheduler: Scheduler
    clock: Clock
    settings: ChunkerSettings
    _worked_at: datetime | None = field(default=None, init=False)

    async def work(self, messages: Sequence[WorkMessage]) -> None:
        """Release what new, resumed and settled work makes room for; what waits on is in the documents."""
        self._worked_at = self.clock()
        submitted = {message.batch_id for message in messages if isinstance(message, BatchSubmitted)}
        settled = [message for message in messages if isinstance(message, ChunkSettled)]
        found = await self.batches.of_ids({message.batch_id for message in messages})
        for batch in sorted(found, key=lambda batch: batch.id):
            if batch.id in submitted and batch.released_chunks and batch.may_be_developed:
                # The messages of a batch were dropped while it was paused.
                await self._send_again(batch)
            self.scheduler.note(batch, _settled_chunks(batch, settled))
        for batch_id in sorted(submitted - {batch.id for batch in found}):
            log.warning("batch_unknown", batch_id=batch_id)
        failures = SweepFailures()
        await self.scheduler.release(failures)
        failures.raise_all()

    async def look_again(self) -> None:
        """Release what has come free without a message; only for the chunker that gets the messages."""
        lately = self.clock() - timedelta(seconds=self.settings.queued_lease_seconds)
        if self.scheduler.has_waiting and self._worked_at is not None and self._worked_at > lately:
            failures = SweepFailures()
            await self.scheduler.release(failures)
            failures.raise_all()

    async def _send_again(self, batch: Batch) -> None:
        """Publish the unclaimed chunks: while a batch is paused, their messages are dropped.

        Without those that wait out a backoff: their messages are still to come, and meet a batch that goes on.
        """
        now, window = self.clock(), self.settings.window_chunks
        unclaimed = await self.chunks.unclaimed_of(batch.id, batch.generation, now, window)
        lease_until = self.clock() + timedelta(seconds=self.settings.queued_lease_seconds)
        await self.chunks.extend([chunk.id for chunk in unclaimed], lease_until)
        await self.releases.publish_again(unclaimed)


def _settled_chunks(batch: Batch, messages: Sequence[ChunkSettled]) -> int:
    """The highest count of the batch's present generation: messages may come in any order."""
    counts = (m.settled_chunks for m in messages if (m.batch_id, m.generation) == (batch.id, batch.generation))
    return max(counts, default=0)
