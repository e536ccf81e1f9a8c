"""An upload becomes a batch: received, and recorded last of all."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import structlog

from services.gateway.answers.errors import ApiError
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.background.backlog import Backlog
from services.gateway.background.relay import Relay
from services.gateway.batches.predicted_costs import PredictedCosts
from services.gateway.batches.recipe_book import RecipeBook, RecipeChoice
from services.gateway.uploading.multipart_parts import PartEvent
from services.gateway.uploading.received_parts import UploadLimits
from services.gateway.uploading.recording import Recorder, UncertainCommitError, UploadGivenUpError
from services.gateway.uploading.submission_form import ChunkSizes, read_form
from services.gateway.uploading.upload_marker import UploadMarker
from services.gateway.uploading.uploads import BatchUpload
from shared.documents import Batch
from shared.errors import DarkroomError
from shared.ports import BatchWriter, ManifestStore, ObjectStore
from shared.recipes import Recipe
from shared.running.clock import Clock
from shared.running.shielding import shielded

log = structlog.get_logger()


@dataclass(frozen=True)
class Submissions:
    """Makes batches from uploads, or proofs with `proof_expires_at`. The batch document is written last: the commit."""

    batches: BatchWriter
    manifests: ManifestStore
    objects: ObjectStore
    recipes: RecipeBook
    costs: PredictedCosts
    relay: Relay
    backlog: Backlog
    clock: Clock
    marker_renewal_seconds: float
    limits: UploadLimits
    chunk_sizes: ChunkSizes
    proof_expires_at: datetime | None = None

    async def submit(self, parts: AsyncIterator[PartEvent], idempotency_key: str | None = None) -> Batch:
        """Record the batch that the upload makes, and wake the relay, which publishes it to the chunker.

        If a batch has the key already, answer that batch and keep nothing of the upload. After an error or a
        cancellation before the commit, everything stored is removed again. Raises `ApiError` for an upload that cannot
        be a batch, also for a new one before anything is read if the backlog is too old, and `TransientError` for
        trouble with the stores.
        """
        # A gateway that was started on the empty folder of an unmounted volume has never seen the marker: nothing else
        # would keep it from storing images there.
        await self.objects.check()
        await self._refuse_new_work(idempotency_key)
        batch_id = str(uuid4())
        upload = BatchUpload(batch_id, self.objects, self.manifests, self.limits)
        marker = UploadMarker(self.objects, batch_id, self.marker_renewal_seconds)
        try:
            await marker.leave()
            await upload.receive(parts)
            batch = await self._batch(batch_id, upload, idempotency_key)
        except BaseException:
            await shielded(self._discard(upload, marker, batch_id))
            raise
        return await shielded(self._commit(batch, upload, marker))

    async def _refuse_new_work(self, idempotency_key: str | None) -> None:
        try:
            self.backlog.refuse_if_too_old()
        except ApiError:
            # Answers get lost when servers are in trouble, and a request that is repeated for that adds no work. If its
            # batch is deleted while it is read, it becomes a new one, like any that began just before.
            if idempotency_key is None or await self.batches.of_key(idempotency_key) is None:
                raise

    async def _batch(self, batch_id: str, upload: BatchUpload, idempotency_key: str | None) -> Batch:
        form = read_form(upload.received.fields, self.chunk_sizes)
        recipe = await self._recipe(form.recipe_choice, idempotency_key)
        return Batch(
            id=batch_id,
            name=form.batch_name,
            recipe=recipe,
            cost_profile=await self.costs.profile(upload.tally, recipe),
            total_images=upload.received.files,
            chunk_size=form.size_of_chunks(self.chunk_sizes),
            created_at=self.clock(),
            priority=form.priority,
            failure_threshold=form.threshold,
            idempotency_key=idempotency_key,
            request_fingerprint=upload.fingerprint,
            proof_expires_at=self.proof_expires_at,
        )

    async def _recipe(self, choice: RecipeChoice, idempotency_key: str | None) -> Recipe:
        try:
            return await self.recipes.chosen(choice)
        except ApiError:
            # Perhaps there was one of that name when this request was sent first; that batch is then its answer.
            first = await self.batches.of_key(idempotency_key) if idempotency_key else None
            if first is None:
                raise
            return first.recipe

    async def _commit(self, batch: Batch, upload: BatchUpload, marker: UploadMarker) -> Batch:
        try:
            recorded = await self._record(batch, marker)
        except UncertainCommitError:
            # Its marker stands: a janitor finds out, and removes what was stored if the batch was not recorded.
            log.warning("batch_uncertain", batch_id=batch.id, exc_info=True)
            raise
        except DarkroomError:
            await self._discard(upload, marker, batch.id)
            raise
        finally:
            await marker.abandon()
        if recorded.id != batch.id:
            await self._discard(upload, marker, batch.id)
            return _first_of_its_key(recorded, batch)
        log.info("batch_recorded", batch_id=batch.id, total_images=batch.total_images, recipe=batch.recipe.name)
        self.relay.wake(recorded)
        await marker.remove()
        return recorded

    async def _record(self, batch: Batch, marker: UploadMarker) -> Batch:
        if await marker.is_gone():
            raise UploadGivenUpError("the upload was given up while it was being received")
        return await Recorder(self.batches, self.clock).record(batch)

    async def _discard(self, upload: BatchUpload, marker: UploadMarker, batch_id: str) -> None:
        try:
            await upload.discard()
        except DarkroomError:
            # The upload's own error is the one to report; a janitor finds what stays behind by the marker.
            log.warning("upload_not_discarded", batch_id=batch_id, exc_info=True)
        else:
            await marker.remove()
        finally:
            await marker.abandon()


def _first_of_its_key(first: Batch, repeated: Batch) -> Batch:
    """The first batch; raises `ApiError` unless the request that repeats its key is the same one again."""
    log.info("batch_repeated", batch_id=first.id)
    # A batch of an older version has no fingerprint.
    if first.request_fingerprint and first.request_fingerprint != repeated.request_fingerprint:
        raise ApiError(UploadCode.IDEMPOTENCY_KEY_REUSED, details={"batch_id": first.id})
    return first
