"""Chunkers broken on purpose."""

from collections.abc import Sequence
from datetime import timedelta

from typing_extensions import override

from services.chunker.handlers import ChunkerHandlers
from services.chunker.plan import images_to_retry
from services.chunker.reconciler import ChunkerReconciler
from shared.documents import Batch, Chunk


class IdleReconciler(ChunkerReconciler):
    """A reconciler that never sends anything again."""

    @override
    async def sweep(self) -> None:
        """Look away."""


class UnresumingHandlers(ChunkerHandlers):
    """A chunker that does not publish again what was dropped while its batch was paused."""

    @override
    async def _send_again(self, batch: Batch) -> None:
        """Look away."""


class HurriedHandlers(ChunkerHandlers):
    """A chunker that publishes what waits out a backoff as well when a batch is resumed."""

    @override
    async def _send_again(self, batch: Batch) -> None:
        later, window = self.clock() + timedelta(hours=1), self.settings.window_chunks
        await self.releases.publish_again(await self.chunks.unclaimed_of(batch.id, batch.generation, later, window))


def retrying_everything(_batch: Batch, indexes: range, _chunks: Sequence[Chunk]) -> list[int]:
    """`images_to_retry`, but with the images that were completed."""
    return list(indexes)


def retrying_failures(batch: Batch, indexes: range, chunks: Sequence[Chunk]) -> list[int]:
    """`images_to_retry`, but only those that failed: an image in no chunk is forgotten."""
    known = {int(index) for chunk in chunks for index in chunk.outcomes}
    return [index for index in images_to_retry(batch, indexes, chunks) if index in known]


def never_over(_chunk: Chunk, _batch: Batch | None) -> bool:
    """`is_over`, but every chunk may still be developed."""
    return False
