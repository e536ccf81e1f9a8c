"""Batches that are uploaded in several requests: begun, looked at, and given up again."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog

from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.errors import ApiError
from services.gateway.answers.list_cursors import cursor_behind, place_at
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.batches.recipe_book import RecipeBook
from services.gateway.uploading.submission_form import ChunkSizes, SubmissionForm, read_form
from shared.documents import Draft, DraftTotals
from shared.errors import DocumentsUnavailableError, DraftUnknownError
from shared.ports import AppendReader, BatchReader, DraftWriter
from shared.running.clock import Clock

log = structlog.get_logger()


@dataclass(frozen=True)
class Drafts:
    """Drafts as people see them.

    Every method raises `ApiError` for what cannot be done and `TransientError` for trouble with the database.
    """

    drafts: DraftWriter
    appends: AppendReader
    batches: BatchReader
    recipes: RecipeBook
    clock: Clock
    chunk_sizes: ChunkSizes
    lifetime: timedelta

    async def begin(self, fields: Mapping[str, bytes], idempotency_key: str | None) -> Draft:
        """Record a draft of the batch that the form asks for, or answer the one that was begun with the key."""
        form = read_form(fields, self.chunk_sizes)
        fingerprint = _fingerprint(fields)
        first = await self._first(idempotency_key, fingerprint)
        if first is not None:
            return first
        now = self.clock()
        draft = Draft(
            id=str(uuid4()),
            name=form.batch_name,
            recipe=await self.recipes.chosen(form.recipe_choice),
            priority=form.priority,
            chunk_size=form.size_of_chunks(self.chunk_sizes),
            failure_threshold=form.threshold,
            idempotency_key=idempotency_key,
            request_fingerprint=fingerprint,
            created_at=now,
            updated_at=now,
        )
        if await self.drafts.add(draft):
            log.info("draft_begun", batch_id=draft.id)
            return draft
        # Another request with the same key was faster.
        first = await self._first(idempotency_key, fingerprint)
        if first is None:
            raise DocumentsUnavailableError("what keeps the draft from being recorded is not confirmed yet")
        return first

    async def newest(self, limit: int, cursor: str) -> tuple[Sequence[Draft], str | None]:
        """The open drafts that were begun last, behind the cursor, the newest first; and the cursor of the next."""
        # One more than asked for tells whether there is a next page.
        found = await self.drafts.newest_open(limit + 1, place_at(cursor))
        last = found[limit - 1] if len(found) > limit else None
        return found[:limit], cursor_behind(last.created_at, last.id) if last else None

    async def look(self, draft_id: str) -> tuple[Draft, DraftTotals]:
        """A draft, and what has been appended to it."""
        draft = await self.drafts.get(draft_id)
        if draft is None or draft.state == "deleted":
            raise ApiError(DraftCode.DRAFT_NOT_FOUND, details={"draft_id": draft_id})
        return draft, await self.appends.totals(draft_id)

    async def find_open(self, draft_id: str) -> Draft:
        """A draft that takes appends; the error says why it takes none."""
        draft = await self.drafts.get(draft_id)
        if draft is None and await self.batches.get(draft_id) is not None:
            raise ApiError(DraftCode.DRAFT_COMMITTED, details={"draft_id": draft_id})
        if draft is None:
            raise ApiError(DraftCode.DRAFT_NOT_FOUND, details={"draft_id": draft_id})
        return refuse_closed(draft)

    async def change_open(self, draft_id: str, change: Callable[[Draft], Draft]) -> Draft:
        """Change a draft that takes appends; refused inside the change, on the very state that would be replaced."""
        try:
            return await self.drafts.change(draft_id, lambda draft: change(refuse_closed(draft)))
        except DraftUnknownError:
            raise ApiError(DraftCode.DRAFT_NOT_FOUND, details={"draft_id": draft_id}) from None

    async def give_up(self, draft_id: str) -> bool:
        """Close a draft for good; False if there is none, or it has become a batch. One being committed is refused."""
        now = self.clock()
        try:
            draft = await self.drafts.change(draft_id, lambda draft: draft.closed("deleted", now))
        except DraftUnknownError:
            return False
        if draft.state == "committing":
            raise ApiError(DraftCode.DRAFT_COMMITTED, details={"draft_id": draft_id})
        log.info("draft_deleted", batch_id=draft_id)
        return draft.state != "committed"

    async def _first(self, idempotency_key: str | None, fingerprint: str) -> Draft | None:
        first = await self.drafts.of_key(idempotency_key) if idempotency_key else None
        if first is not None and await self._is_of_deleted_batch(first):
            await self.drafts.change(first.id, lambda draft: draft.without_key())
            return None
        if first is not None and first.request_fingerprint != fingerprint:
            raise ApiError(UploadCode.IDEMPOTENCY_KEY_REUSED, details={"draft_id": first.id})
        return first

    async def _is_of_deleted_batch(self, draft: Draft) -> bool:
        if draft.state != "committed":
            return False
        batch = await self.batches.get(draft.id)
        return batch is None or batch.deleted_at is not None


def refuse_closed(draft: Draft) -> Draft:
    """The draft, if it takes appends; raises `ApiError`."""
    details = {"draft_id": draft.id}
    match draft.state:
        case "open":
            return draft
        case "committing" | "committed":
            raise ApiError(DraftCode.DRAFT_COMMITTED, details=details)
        case "expired":
            raise ApiError(DraftCode.DRAFT_EXPIRED, details=details)
        case "deleted":
            raise ApiError(DraftCode.DRAFT_NOT_FOUND, details=details)


def _fingerprint(fields: Mapping[str, bytes]) -> str:
    asked = sorted((name, value.hex()) for name, value in fields.items() if name in SubmissionForm.model_fields)
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()
