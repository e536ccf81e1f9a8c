"""Whether the object store is there, and the mark that a new one is given."""

import structlog

from shared.documents import Batch
from shared.errors import StorageUnavailableError
from shared.object_keys import STORE_MARKER_KEY, originals_prefix
from shared.ports import BatchReader, ObjectStore

log = structlog.get_logger()

LOOKED_INTO = 10
"""Recorded batches whose originals are looked for in a store without a marker; one that has some is enough."""


class StoreWatch:
    """Marks the store once, if that can be the right one, and then only looks at it.

    What is marked is the store from then on, so it must not be the empty folder of a volume that is not mounted. A
    worker cannot tell and never marks; a gateway knows the batches whose originals should be there.
    """

    def __init__(self, objects: ObjectStore, batches: BatchReader) -> None:
        self._objects = objects
        self._batches = batches
        self._was_there = False

    async def look(self) -> None:
        """Return if the store is there; raises `StorageUnavailableError`.

        Until it was there for the first time, also `DocumentsUnavailableError`. From then on it is not marked again:
        without its marker it is away.
        """
        if not self._was_there:
            await self._mark_if_right()
        await self._objects.check()
        self._was_there = True

    async def _mark_if_right(self) -> None:
        try:
            await self._objects.check()
        except StorageUnavailableError as away:
            recorded = await self._batches.newest(LOOKED_INTO)
            # Without a batch it is new; with originals it was filled by a version that left no marker.
            if recorded and not [batch for batch in recorded if await self._has_originals(batch)]:
                raise StorageUnavailableError(
                    f"{away}; it holds no originals of the newest batches either, so it is not marked. If it is the "
                    f"right one, and they are lost for good, put an object {STORE_MARKER_KEY} into it."
                ) from away
            await self._objects.mark()
            log.info("object_store_marked")

    async def _has_originals(self, batch: Batch) -> bool:
        async for _ in self._objects.listed(originals_prefix(batch.id)):
            return True
        return False
