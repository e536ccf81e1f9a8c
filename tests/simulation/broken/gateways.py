"""Gateways broken on purpose."""

from collections.abc import AsyncIterator

from typing_extensions import override

from services.gateway.background.janitor import Janitor
from services.gateway.background.relay import Relay
from services.gateway.uploading.append_upload import AppendUpload
from services.gateway.uploading.appends import Appended, Appends
from services.gateway.uploading.draft_commits import DraftCommits
from services.gateway.uploading.draft_keeper import DraftKeeper
from services.gateway.uploading.multipart_parts import PartEvent
from services.gateway.uploading.submissions import Submissions
from services.gateway.uploading.upload_marker import UploadMarker
from shared.documents import Batch, Draft


class ForgettingRelay(Relay):
    """An outbox that is not looked into again."""

    @override
    async def sweep(self) -> None:
        """Look away."""


class IdleJanitor(Janitor):
    """A janitor that only sees to what it is told of."""

    @override
    async def sweep(self) -> None:
        """Look away."""


class UnmarkedUpload(UploadMarker):
    """An upload that leaves no word of itself."""

    @override
    async def leave(self) -> None:
        """Look away."""


class KeylessSubmissions(Submissions):
    """A gateway that takes no notice of idempotency keys."""

    @override
    async def submit(self, parts: AsyncIterator[PartEvent], idempotency_key: str | None = None) -> Batch:
        """Make another batch each time."""
        return await super().submit(parts)


class KeylessAppends(Appends):
    """A gateway that takes no notice of idempotency keys within a draft."""

    @override
    async def append(self, draft_id: str, parts: AsyncIterator[PartEvent], idempotency_key: str | None) -> Appended:
        """Append the files each time."""
        return await super().append(draft_id, parts, None)


class HastyCommits(DraftCommits):
    """A commit that shows the batch before its manifest is written."""

    @override
    async def complete(self, draft: Draft) -> Batch:
        """Record the batch first."""
        await self._fill_places(draft)
        totals = await self.appends.totals(draft.id)
        batch = await self._record(draft.batch(totals.images))
        await self._write_manifest(draft)
        await self.drafts.change(draft.id, lambda newest: newest.committed())
        return batch


class IdleKeeper(DraftKeeper):
    """Drafts that nobody sees to."""

    @override
    async def sweep(self) -> None:
        """Look away."""


def without_position(_upload: AppendUpload) -> int:
    """`AppendUpload._position`, but what arrives first comes first."""
    return 0


def refusing_nothing(_batch: Batch) -> None:
    """`refuse_unfinished`, but a running batch may be deleted as well."""
