"""What people can ask of the gateway about batches, apart from HTTP: submit one, look one up."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import structlog

from services.gateway.multipart_parts import PartEvent
from services.gateway.refusals import RefusedError
from services.gateway.relay import Relay
from services.gateway.submission_form import ChunkSizes, read_form
from services.gateway.uninterrupted import to_the_end
from services.gateway.uploads import BatchUpload, UploadLimits
from shared.clock import Clock
from shared.documents import Batch
from shared.errors import DarkroomError, DuplicateBatchError, TransientError
from shared.ports import BatchStore, ManifestStore, ObjectStore

log = structlog.get_logger()

PAUSES_SECONDS = (0.2, 0.8)
"""Waits between the attempts to record a batch: long enough for most changes of a replica set's primary."""


class UncertainCommitError(TransientError):
    """Whether the batch was recorded is not known, so nothing of it may be removed."""


@dataclass(frozen=True)
class Submissions:
    """Makes batches from uploads. The batch document is written last: it is the commit."""

    batches: BatchStore
    manifests: ManifestStore
    objects: ObjectStore
    relay: Relay
    clock: Clock
    limits: UploadLimits
    chunk_sizes: ChunkSizes

    async def submit(self, parts: AsyncIterator[PartEvent]) -> Batch:
        """The batch that the upload makes, recorded; telling the chunker is the relay's work, which is woken.

        Whatever goes wrong before the commit, cancellation included, everything stored is removed again. Raises
        `RefusedError` for an upload that cannot be a batch and `TransientError` for trouble with the stores.
        """
        batch_id = str(uuid4())
        upload = BatchUpload(batch_id, self.objects, self.manifests, self.limits)
        try:
            await upload.receive(parts)
            batch = self._batch(batch_id, upload)
        except BaseException:
            await to_the_end(self._discard(upload, batch_id))
            raise
        await to_the_end(self._commit(batch, upload))
        return batch

    def _batch(self, batch_id: str, upload: BatchUpload) -> Batch:
        form = read_form(upload.fields, self.chunk_sizes)
        return Batch.begun(
            batch_id,
            form.batch_name,
            form.recipe,
            total_images=upload.total_images,
            chunk_size=form.chunk_size,
            now=self.clock(),
            priority=form.priority,
        )

    async def _commit(self, batch: Batch, upload: BatchUpload) -> None:
        try:
            await self._record(batch)
        except UncertainCommitError:
            log.warning("batch_uncertain", batch_id=batch.id, exc_info=True)
            raise
        except DarkroomError:
            await self._discard(upload, batch.id)
            raise
        log.info("batch_recorded", batch_id=batch.id, total_images=batch.total_images, recipe=batch.recipe.name)
        self.relay.wake(batch)

    async def _record(self, batch: Batch) -> None:
        for pause_seconds in PAUSES_SECONDS:
            try:
                return await self._add(batch)
            except TransientError:
                await asyncio.sleep(pause_seconds)
        try:
            await self._add(batch)
        except TransientError as error:
            if not await self._is_recorded(batch.id, error):
                raise

    async def _add(self, batch: Batch) -> None:
        try:
            await self.batches.add(batch)
        except DuplicateBatchError:
            # The id is a fresh UUID: it can only be an earlier attempt of ours that was made without being confirmed.
            log.info("batch_already_recorded", batch_id=batch.id)

    async def _is_recorded(self, batch_id: str, cause: TransientError) -> bool:
        try:
            return await self.batches.get(batch_id) is not None
        except TransientError:
            raise UncertainCommitError(str(cause)) from cause

    async def _discard(self, upload: BatchUpload, batch_id: str) -> None:
        try:
            await upload.discard()
        except DarkroomError:
            # The upload's own error is the one to report; what stays behind belongs to no batch and harms none.
            log.warning("upload_not_discarded", batch_id=batch_id, exc_info=True)


async def find_batch(batches: BatchStore, batch_id: str) -> Batch:
    """The batch with that id; raises `RefusedError`."""
    batch = await batches.get(batch_id)
    if batch is None:
        raise RefusedError("batch_not_found", details={"batch_id": batch_id})
    return batch
