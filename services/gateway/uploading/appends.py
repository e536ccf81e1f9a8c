"""Files are appended to a draft: received, and recorded last of all."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.gateway.answers.errors import ApiError
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.uploading.append_upload import AppendUpload
from services.gateway.uploading.drafts import Drafts
from services.gateway.uploading.multipart_parts import PartEvent
from services.gateway.uploading.received_parts import UploadLimits
from shared.documents import Append, Draft
from shared.errors import DarkroomError, DocumentsUnavailableError, TransientError
from shared.ports import AppendStore, ObjectStore
from shared.running.clock import Clock
from shared.running.shielding import shielded

log = structlog.get_logger()

LOOK_AGAIN = timedelta(seconds=30)
"""An upload to a draft that was closed goes on for so long at most."""

UNDER_WAY = timedelta(seconds=30)
"""An append that has taken its place is recorded within this time, or never: its gateway was killed."""


@dataclass(frozen=True)
class Appended:
    """A recorded append, and how many images the draft has with it."""

    append: Append
    received_images: int


@dataclass(frozen=True)
class Appends:
    """Appends files to drafts. The append's own document is written last: it is its commit."""

    drafts: Drafts
    appends: AppendStore
    objects: ObjectStore
    clock: Clock
    limits: UploadLimits
    max_images: int

    async def append(self, draft_id: str, parts: AsyncIterator[PartEvent], idempotency_key: str | None) -> Appended:
        """Record the files, or answer what was recorded first with the key and keep nothing of these.

        After an error or a cancellation before the commit, everything stored is removed again. Raises `ApiError` for
        what cannot be appended, also when the draft is closed meanwhile, and `TransientError` for trouble with the
        stores.
        """
        await self.objects.check()
        await self.drafts.find_open(draft_id)
        upload = AppendUpload(draft_id, self.objects, self.limits)
        try:
            append = await upload.receive(self._while_open(draft_id, parts))
        except BaseException:
            await shielded(self._discard(upload, draft_id))
            raise
        return await shielded(self._commit(append.model_copy(update={"key": idempotency_key}), upload))

    async def _while_open(self, draft_id: str, parts: AsyncIterator[PartEvent]) -> AsyncIterator[PartEvent]:
        """The parts, as long as the draft takes appends: what is stored of a draft that was given up is removed."""
        looked_at = self.clock()
        async for event in parts:
            if self.clock() - looked_at >= LOOK_AGAIN:
                looked_at = self.clock()
                with suppress(TransientError):  # the commit looks again
                    await self.drafts.find_open(draft_id)
            yield event

    async def _commit(self, append: Append, upload: AppendUpload) -> Appended:
        try:
            first = await self._first(append)
            if first is not None:
                draft = await self.drafts.find_open(append.draft_id)
                await self._discard(upload, append.draft_id)
                return Appended(first, draft.claimed_images)
            draft = await self._take_place(append)
        except Exception:
            await self._discard(upload, append.draft_id)
            raise
        append = append.model_copy(update={"number": draft.places - 1})  # the place that was just taken
        # Without an answer it may be recorded: what was stored stays, until the draft ends.
        if await self.appends.add(append):
            log.info("draft_appended", batch_id=draft.id, images=append.images)
            return Appended(append, draft.claimed_images)
        await self._discard(upload, append.draft_id)
        return await self._in_its_place(append)

    async def _take_place(self, append: Append) -> Draft:
        try:
            return await self._extend(append)
        except ApiError as full:
            if full.code != UploadCode.TOO_MANY_FILES:
                raise
        # The draft's count also has appends that are under way, or came to nothing because their gateway was killed.
        recorded = await self.appends.totals(append.draft_id)
        return await self._extend(append, recorded.images)

    async def _extend(self, append: Append, recorded_images: int | None = None) -> Draft:
        now = self.clock()

        def extended(draft: Draft) -> Draft:
            counted = draft if recorded_images is None else draft.counted(recorded_images)
            if counted.claimed_images + append.images > self.max_images:
                raise ApiError(UploadCode.TOO_MANY_FILES, limit=self.max_images)
            if counted is not draft and now - draft.updated_at < UNDER_WAY:
                raise DocumentsUnavailableError(f"appends to {draft.id} that are under way may fill it")
            return counted.extended(append.images, now)

        return await self.drafts.change_open(append.draft_id, extended)

    async def _in_its_place(self, append: Append) -> Appended:
        """What has the append's key, or raise why its place is taken: the draft was closed before it was recorded."""
        draft = await self.drafts.change_open(append.draft_id, lambda draft: draft.without(append.images))
        first = await self._first(append)
        if first is None:
            raise DocumentsUnavailableError(f"what is appended to {draft.id} with the same key is not confirmed yet")
        return Appended(first, draft.claimed_images)

    async def _first(self, append: Append) -> Append | None:
        first = await self.appends.of_key(append.draft_id, append.key) if append.key else None
        if first is not None and first.fingerprint != append.fingerprint:
            raise ApiError(UploadCode.IDEMPOTENCY_KEY_REUSED, details={"draft_id": append.draft_id})
        return first

    async def _discard(self, upload: AppendUpload, draft_id: str) -> None:
        try:
            await upload.discard()
        except DarkroomError:
            # The append's own error is the one to report; what stays behind goes when the draft ends.
            log.warning("append_not_discarded", batch_id=draft_id, exc_info=True)
