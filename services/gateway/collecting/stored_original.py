"""One original as it lies in the object store."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from services.gateway.answers.streamed_answer import led_by
from shared.documents import ManifestEntry
from shared.errors import ObjectDamagedError, ObjectMissingError
from shared.failure_codes import FailureCode, failure_text
from shared.image_types import HEAD_BYTES, UnfitFile, recognise
from shared.ports import ObjectReader

UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class StoredOriginal:
    """What was uploaded as one image of a batch."""

    batch_id: str
    entry: ManifestEntry

    @property
    def etag(self) -> str:
        """It names the bytes: nothing else is ever stored as this image."""
        key = f"{self.entry.original_key(self.batch_id)} {self.entry.size_bytes}"
        return f'"{self.entry.sha256 or hashlib.sha256(key.encode()).hexdigest()}"'

    async def stream(self, objects: ObjectReader) -> tuple[str, AsyncIterator[bytes]]:
        """Its media type, which its own first bytes say and nothing that the client said, and all of it in pieces.

        Raises `ApiError` if it was not stored, or is gone.
        """
        unfit = self.entry.unfit
        if unfit is not None:
            raise self._missing(unfit.code, unfit.message)
        try:
            pieces = await objects.stream(self.entry.original_key(self.batch_id), self.entry.size_bytes)
        except (ObjectMissingError, ObjectDamagedError):
            code = FailureCode.ORIGINAL_MISSING
            raise self._missing(code.value, code.text.english) from None
        head = b""
        async for piece in pieces:
            head += piece
            if len(head) >= HEAD_BYTES:
                break
        return _media_type(head), led_by(head, pieces)

    def _missing(self, code: str, message: str) -> ApiError:
        index = self.entry.index
        why = {"index": index, "code": code, "message": failure_text(code, message)}
        return ApiError(BatchCode.ORIGINAL_MISSING, details=why, index=index)


def _media_type(head: bytes) -> str:
    found = recognise(head)
    return UNKNOWN_TYPE if isinstance(found, UnfitFile) else f"image/{found}"
