"""Whether an image may be begun: asked before it is read, again when a child is free, and while it waits in between."""

from services.worker.chunks.recent_batches import RecentBatches
from shared.documents import Batch, Chunk
from shared.errors import TransientError
from shared.running.lifecycle import Stopping


class WorkerStoppingError(TransientError):
    """The worker begins no more images; another one will."""

    code = "worker_stopping"


class BatchInactiveError(TransientError):
    """Images of this chunk are not to be begun now: its batch is paused, stopped, retried or gone."""

    code = "batch_inactive"


class Admission:
    """Admits images of active batches while the worker is not stopping."""

    def __init__(self, recent_batches: RecentBatches, stopping: Stopping) -> None:
        self._recent_batches = recent_batches
        self._stopping = stopping

    async def admit(self, chunk: Chunk) -> Batch:
        """The batch of the chunk, if its images may be begun now.

        Raises `WorkerStoppingError` or `BatchInactiveError` if not, and what reading the batch raises.
        """
        if self._stopping.is_set:
            raise WorkerStoppingError("the worker is stopping")
        batch = await self._recent_batches.get(chunk.batch_id)
        if batch is None or not batch.may_be_developed or batch.generation != chunk.generation:
            raise BatchInactiveError(f"batch {chunk.batch_id} is not active")
        return batch
