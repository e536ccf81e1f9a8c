"""Gateways broken on purpose."""

from collections.abc import AsyncIterator

from typing_extensions import override

from services.gateway.background.janitor import Janitor
from services.gateway.background.relay import Relay
from services.gateway.uploading.multipart_parts import PartEvent
from services.gateway.uploading.submissions import Submissions
from services.gateway.uploading.upload_marker import UploadMarker
from shared.documents import Batch


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


def refusing_nothing(_batch: Batch) -> None:
    """`refuse_unfinished`, but a running batch may be deleted as well."""
