"""Record a batch exactly once, or never, or raise an error that says that this is uncertain."""

import asyncio
from dataclasses import dataclass

import structlog

from shared.documents import Batch
from shared.errors import DocumentsUnavailableError, DuplicateBatchError, TransientError
from shared.ports import BatchWriter
from shared.running.clock import Clock

log = structlog.get_logger()

PAUSES_SECONDS = (0.0, 0.2, 0.8)
"""Waits before the attempts to record a batch: long enough for most changes of a replica set's primary."""


class UncertainCommitError(TransientError):
    """Whether the batch was recorded is not known, so nothing of it may be removed."""


class UploadGivenUpError(TransientError):
    """The upload was taken for a killed gateway's, and what it stored is being removed; it is to be sent again."""

    code = "upload_given_up"


@dataclass(frozen=True)
class Recorder:
    """Records batches whose ids are fresh UUIDs: one that is taken was taken by an attempt of ours, or by a janitor."""

    batches: BatchWriter
    clock: Clock

    async def record(self, batch: Batch) -> Batch:
        """The batch as it is recorded, or another one that was recorded first with the same idempotency key.

        Raises `UncertainCommitError` for doubt. After any other error, and when another batch is answered, this one is
        not recorded and never will be.
        """
        unconfirmed: TransientError | None = None
        found: Batch | None = None
        for pause_seconds in PAUSES_SECONDS:
            await asyncio.sleep(pause_seconds)
            try:
                found = await self._add(batch)
                break
            except TransientError as error:
                unconfirmed = error
        # An attempt without confirmation may have written this batch, even if another one now answers for the key.
        if unconfirmed is not None and (found is None or found.id != batch.id):
            found = await self._recorded_after_all(batch.id) or found
            if found is None:
                raise unconfirmed
        if found is None or found.deleted_at:
            raise UploadGivenUpError("the upload was given up before its batch could be recorded")
        return found

    async def _add(self, batch: Batch) -> Batch:
        try:
            await self.batches.add(batch)
        except DuplicateBatchError:
            return await self._in_its_place(batch)
        return batch

    async def _in_its_place(self, batch: Batch) -> Batch:
        # The id first: our own batch has the key too.
        found = await self.batches.get(batch.id)
        if found is None and batch.idempotency_key is not None:
            found = await self.batches.of_key(batch.idempotency_key)
        if found is None:
            # What is in the way may be our own attempt, which no majority has confirmed yet and reads do not show.
            raise DocumentsUnavailableError(f"what keeps batch {batch.id} from being recorded is not confirmed yet")
        log.info("batch_already_recorded", batch_id=batch.id, recorded_id=found.id)
        return found

    async def _recorded_after_all(self, batch_id: str) -> Batch | None:
        """What an unconfirmed attempt has recorded; None once it is certain that none ever will.

        Not finding the batch proves nothing: an attempt may be on its way, or unconfirmed. A tombstone in its place
        proves it.
        """
        try:
            await self.batches.add(Batch.tombstone(batch_id, self.clock()))
        except DuplicateBatchError as error:
            return await self._confirmed(batch_id, error)
        except TransientError as error:
            raise UncertainCommitError(str(error)) from error
        return None

    async def _confirmed(self, batch_id: str, cause: DuplicateBatchError) -> Batch:
        try:
            found = await self.batches.get(batch_id)
        except TransientError as error:
            raise UncertainCommitError(str(error)) from error
        if found is None:
            raise UncertainCommitError(str(cause)) from cause
        return found
