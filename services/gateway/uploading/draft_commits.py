"""A draft becomes a batch: closed, its manifest written in the clients' order, and the batch recorded last of all.

Each step may be taken twice, by several gateways, and changes nothing the second time: the next gateway completes
what a killed one has left.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog

from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.errors import ApiError
from services.gateway.background.backlog import Backlog
from services.gateway.background.relay import Relay
from services.gateway.batches.lookup import find_batch, present
from services.gateway.batches.predicted_costs import PredictedCosts
from services.gateway.uploading.drafts import refuse_closed
from services.gateway.uploading.manifest_pages import ManifestPages
from services.gateway.uploading.uploads import MAX_NAMED_FILES, no_images
from shared.costs import FactTally
from shared.documents import Append, Batch, Draft, ManifestEntry
from shared.errors import DocumentsUnavailableError, DraftUnknownError, DuplicateBatchError
from shared.ports import AppendStore, BatchWriter, DraftWriter, ManifestStore
from shared.running.clock import Clock
from shared.running.shielding import shielded

log = structlog.get_logger()

READ_AT_ONCE = 10
"""Appends read at once; each may have 500 files."""

NUMBERS_AT_ONCE = 10_000


@dataclass(frozen=True)
class DraftCommits:
    """Makes batches of drafts."""

    drafts: DraftWriter
    appends: AppendStore
    batches: BatchWriter
    manifests: ManifestStore
    costs: PredictedCosts
    relay: Relay
    backlog: Backlog
    clock: Clock

    async def commit(self, draft_id: str) -> Batch:
        """Record the batch that the draft has become, and wake the relay; a committed one is answered with its batch.

        Raises `ApiError` for a draft that cannot be a batch, which then stays open, and `TransientError` for trouble
        with the database, after which the commit is to be repeated.
        """
        draft = await self.drafts.get(draft_id)
        if draft is None or draft.state == "committed":
            return await self._committed(draft_id)
        if draft.state != "committing":
            refuse_closed(draft)
            self.backlog.refuse_if_too_old()
            await self._refuse_without_images(draft)
            draft = await self._close(draft_id)
        return present(await shielded(self.complete(draft)), draft_id)

    async def complete(self, draft: Draft) -> Batch:
        """Go on with the commit of a draft that is closed for it; its batch may be deleted already."""
        await self._fill_places(draft)
        tally = await self._write_manifest(draft)
        profile = await self.costs.profile(tally, draft.recipe)
        batch = await self._record(draft.batch(tally.images, profile))
        await self.drafts.change(draft.id, lambda newest: newest.committed())
        return batch

    async def _committed(self, draft_id: str) -> Batch:
        try:
            return await find_batch(self.batches, draft_id)
        except ApiError:
            raise ApiError(DraftCode.DRAFT_NOT_FOUND, details={"draft_id": draft_id}) from None

    async def _committed_by_another(self, draft_id: str) -> Batch:
        """The batch, which may even be deleted and forgotten by now: then it must not come back."""
        found = await self.batches.get(draft_id)
        if found is None:
            await self.manifests.remove(draft_id)
            raise ApiError(DraftCode.DRAFT_NOT_FOUND, details={"draft_id": draft_id})
        return found

    async def _close(self, draft_id: str) -> Draft:
        now = self.clock()
        try:
            draft = await self.drafts.change(draft_id, lambda draft: draft.closed("committing", now))
        except DraftUnknownError:
            raise ApiError(DraftCode.DRAFT_NOT_FOUND, details={"draft_id": draft_id}) from None
        if draft.state not in {"committing", "committed"}:
            refuse_closed(draft)
        return draft

    async def _refuse_without_images(self, draft: Draft) -> None:
        # Before it is closed: what is appended from now on can only make it better.
        totals = await self.appends.totals(draft.id)
        if not totals.images:
            raise ApiError(DraftCode.DRAFT_EMPTY, details={"draft_id": draft.id})
        if totals.images > totals.unfit_images:
            return
        unfit: list[ManifestEntry] = []
        async for entry in self._entries(draft.id):
            unfit.append(entry)
            if len(unfit) == MAX_NAMED_FILES:
                break
        raise no_images(unfit, totals.unfit_images)

    async def _fill_places(self, draft: Draft) -> None:
        """Take the places whose appends are not recorded, so that none is recorded from now on.

        Which of the two is recorded at a place decides whether the append is in the batch or refused.
        """
        totals = await self.appends.totals(draft.id)
        if totals.appends < draft.places:
            for first in range(0, draft.places, NUMBERS_AT_ONCE):
                count = min(NUMBERS_AT_ONCE, draft.places - first)
                taken = set(await self.appends.numbers(draft.id, first, count))
                for number in range(first, first + count):
                    if number not in taken:
                        await self.appends.add(Append(id="", draft_id=draft.id, number=number))
            totals = await self.appends.totals(draft.id)
        if totals.appends != draft.places:
            raise DocumentsUnavailableError(f"appends of draft {draft.id} are not confirmed yet")

    async def _write_manifest(self, draft: Draft) -> FactTally:
        pages = ManifestPages(draft.id, self.manifests)
        async for entry in self._entries(draft.id):
            await pages.add(entry)
        await pages.finish()
        return pages.tally

    async def _entries(self, draft_id: str) -> AsyncIterator[ManifestEntry]:
        """The entries of all appends in the order of the batch, numbered by it."""
        index = 0
        async for append in self._appends(draft_id):
            for entry in append.entries:
                yield entry.model_copy(update={"index": index})
                index += 1

    async def _appends(self, draft_id: str) -> AsyncIterator[Append]:
        after: tuple[int, int] | None = None
        while page := await self.appends.page(draft_id, READ_AT_ONCE, after):
            for append in page:
                yield append
            after = page[-1].position, page[-1].number

    async def _record(self, batch: Batch) -> Batch:
        newest = await self.drafts.get(batch.id)
        if newest is None or newest.state == "committed":
            return await self._committed_by_another(batch.id)
        try:
            await self.batches.add(batch)
        except DuplicateBatchError:
            found = await self.batches.get(batch.id)
            if found is None:
                raise DocumentsUnavailableError(f"batch {batch.id} is recorded but not confirmed yet") from None
            return found
        log.info("batch_recorded", batch_id=batch.id, total_images=batch.total_images, recipe=batch.recipe.name)
        self.relay.wake(batch)
        return batch
