"""Tidies drafts that were left open: commits are completed, old drafts expire, and what is stored of them goes."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.gateway.uploading.draft_commits import DraftCommits
from shared.documents import Draft
from shared.object_keys import originals_prefix
from shared.ports import AppendStore, DraftStore, ObjectStore
from shared.running.clock import Clock
from shared.running.sweeping import SweepFailures, pages

log = structlog.get_logger()

SWEPT_AT_ONCE = 100
READ_AT_ONCE = 20


@dataclass(frozen=True)
class DraftKeeper:
    """Every gateway has one, all at work at the same time: each step may be taken twice, or cut off anywhere.

    A draft that was given up is emptied, stays for a while so that no late append is recorded, is emptied once more,
    and is forgotten. One that was committed loses what was stored of appends that came to nothing, and is forgotten
    when it would have expired: until then its key answers who begins it again.
    """

    drafts: DraftStore
    appends: AppendStore
    objects: ObjectStore
    commits: DraftCommits
    clock: Clock
    sweep_seconds: float
    tombstone_seconds: float
    expiry_seconds: float

    async def sweep(self) -> None:
        """See to every draft; raises what went wrong."""
        failures = SweepFailures()
        async for page in pages(self.drafts.all, SWEPT_AT_ONCE):
            for draft in page:
                with failures.put_off(draft.id):
                    await self._see_to(draft)
        failures.raise_all()

    async def _see_to(self, draft: Draft) -> None:
        since = self.clock() - (draft.closed_at or draft.updated_at)
        is_old = since >= timedelta(seconds=self.tombstone_seconds)
        match draft.state:
            case "open" if since >= timedelta(seconds=self.expiry_seconds):
                await self._expire(draft)
            # A younger one is in the hands of the gateway that was asked to commit it.
            case "committing" if since >= timedelta(seconds=self.sweep_seconds):
                await self.commits.complete(draft)
            case "committed" if is_old and draft.emptied_at is None:
                await self._tidy_up(draft)
            case "committed" if since >= timedelta(seconds=self.expiry_seconds):
                await self._forget(draft)
            case "expired" | "deleted":
                await self._see_to_given_up(draft, is_old=is_old)

    async def _see_to_given_up(self, draft: Draft, *, is_old: bool) -> None:
        if is_old or draft.emptied_at is None:
            await self._empty(draft)
        if is_old:
            await self._forget(draft)

    async def _expire(self, draft: Draft) -> None:
        now = self.clock()

        def expired(newest: Draft) -> Draft:
            # Unless something was appended meanwhile.
            return newest.closed("expired", now) if newest.updated_at == draft.updated_at else newest

        changed = await self.drafts.change(draft.id, expired)
        if changed.state == "expired":
            log.warning("draft_expired", batch_id=draft.id)
            await self._empty(changed)

    async def _empty(self, draft: Draft) -> None:
        await self.objects.remove_under(originals_prefix(draft.id))
        await self.appends.remove(draft.id)
        await self._note_emptied(draft)
        log.info("draft_emptied", batch_id=draft.id)

    async def _note_emptied(self, draft: Draft) -> None:
        now = self.clock()
        await self.drafts.change(draft.id, lambda newest: newest.emptied(now))

    async def _tidy_up(self, draft: Draft) -> None:
        """Remove the originals of appends that are not in the batch: their gateways were killed."""
        recorded: list[str] = []
        after: tuple[int, int] | None = None
        while page := await self.appends.page(draft.id, READ_AT_ONCE, after):
            recorded += [append.id for append in page]
            after = page[-1].position, page[-1].number
        if len(recorded) < draft.places:
            return  # another gateway has done so, and is forgetting them
        prefix, kept = originals_prefix(draft.id), set(recorded)
        async for stored in self.objects.listed(prefix):
            append_id = stored.key.removeprefix(prefix).partition("/")[0]
            if append_id not in kept:
                await self.objects.remove(stored.key)
        await self._note_emptied(draft)

    async def _forget(self, draft: Draft) -> None:
        # The appends first: without the draft, nobody would find them any more.
        await self.appends.remove(draft.id)
        await self.drafts.remove(draft.id)
        log.info("draft_forgotten", batch_id=draft.id, state=draft.state)
