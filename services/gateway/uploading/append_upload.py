"""The files of one append while they arrive; stored under an id of their own, whatever becomes of others."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.errors import ApiError
from services.gateway.uploading.multipart_parts import PartEvent
from services.gateway.uploading.received_parts import ReceivedParts, UploadLimits
from shared.documents import Append, ManifestEntry
from shared.object_keys import appended_prefix
from shared.ports import ObjectWriter

MAX_POSITION = 1_000_000_000
POSITION_FIELD = "position"

_WHOLE_NUMBER = re.compile(r"[0-9]{1,10}")


class AppendUpload:
    """What one request appends to a draft."""

    def __init__(self, draft_id: str, objects: ObjectWriter, limits: UploadLimits) -> None:
        self._id = uuid4().hex
        self._draft_id = draft_id
        self._entries: list[ManifestEntry] = []
        self._received = ReceivedParts(appended_prefix(draft_id, self._id), objects, limits, self._keep)

    async def receive(self, parts: AsyncIterator[PartEvent]) -> Append:
        """The append once all its originals are stored; it is still to be given its number and recorded.

        Raises `ApiError` for what cannot be taken, and what the store fails with.
        """
        await self._received.receive(parts)
        append = Append.of(self._id, self._draft_id, tuple(self._entries))
        fingerprint = self._received.fingerprint({POSITION_FIELD})
        return append.model_copy(update={"position": self._position(), "fingerprint": fingerprint})

    async def discard(self) -> None:
        await self._received.discard()

    async def _keep(self, entry: ManifestEntry) -> None:
        self._entries.append(entry.model_copy(update={"stored_as": f"{self._id}/{entry.index}"}))

    def _position(self) -> int:
        sent = self._received.fields.get(POSITION_FIELD, b"").decode("utf-8", errors="replace").strip() or "0"
        if not _WHOLE_NUMBER.fullmatch(sent) or int(sent) > MAX_POSITION:
            raise ApiError(DraftCode.POSITION_INVALID, limit=MAX_POSITION)
        return int(sent)
