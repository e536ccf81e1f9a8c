"""The form of a proof as the upload of a batch of one: with the image that it brings, or one of another batch."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from services.gateway.answers.proof_codes import ProofCode
from services.gateway.batches.lookup import find_batch
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.uploading.received_parts import FILES_FIELD
from services.gateway.uploading.uploads import no_images
from shared.documents import ManifestEntry
from shared.errors import ObjectDamagedError, ObjectMissingError
from shared.ports import BatchReader, ManifestStore, ObjectReader

PLACE_FIELDS = ("batch_id", "index")
MAX_PLACE_BYTES = 64

_INDEX = re.compile(r"[0-9]{1,9}")

_OF_EVERY_PROOF = {"batch_name": b"proof", "priority": b"high", "chunk_size": b"1"}
"""Fields of the upload, whatever the client sends in them: the last of a name counts."""


@dataclass(frozen=True)
class ProofParts:
    """Reads the form of a proof. An original of another batch is copied, so that it may be deleted meanwhile."""

    batches: BatchReader
    manifests: ManifestStore
    objects: ObjectReader

    async def of_upload(self, parts: AsyncIterator[PartEvent]) -> AsyncIterator[PartEvent]:
        """Yield the parts of an upload with one file; raises `ApiError` for a form without an image, or with two."""
        asked = _AskedImage()
        async for event in parts:
            asked.note(event)
            yield event
        for name, value in _OF_EVERY_PROOF.items():
            for event in (PartBegan(name, None), value, PartEnded()):
                yield event
        place = asked.place()
        if place is not None:
            async for event in self._original(*place):
                yield event

    async def _original(self, batch_id: str, index: int) -> AsyncIterator[PartEvent]:
        batch = await find_batch(self.batches, batch_id)
        entry = await self._entry(batch_id, index)
        if entry is None:
            raise ApiError(BatchCode.IMAGE_NOT_FOUND, last=batch.total_images - 1)
        if entry.unfit is not None:
            raise no_images([entry], 1)
        try:
            pieces = await self.objects.stream(entry.original_key(batch_id), entry.size_bytes)
        except (ObjectMissingError, ObjectDamagedError):
            raise ApiError(ProofCode.PROOF_ORIGINAL_GONE, details={"batch_id": batch_id, "index": index}) from None
        yield PartBegan("file", entry.name)
        async for piece in pieces:
            yield piece
        yield PartEnded()

    async def _entry(self, batch_id: str, index: int) -> ManifestEntry | None:
        return next(iter(await self.manifests.entries(batch_id, index, 1)), None)


class _AskedImage:
    """The image that a form asks for: a file, or an image of another batch."""

    def __init__(self) -> None:
        self._files = 0
        self._place = dict.fromkeys(PLACE_FIELDS, b"")
        self._field = ""
        self._may_be_image = False

    def note(self, event: PartEvent) -> None:
        """Take note of a part; raises `ApiError` for a second file."""
        if isinstance(event, PartBegan):
            self._field = event.field
            self._may_be_image = event.file_name is not None and FILES_FIELD.fullmatch(event.field) is not None
        self._note_image(event)
        if isinstance(event, bytes) and self._field in self._place:
            # One byte too many is enough to see that it is wrong.
            self._place[self._field] = (self._place[self._field] + event)[: MAX_PLACE_BYTES + 1]

    def _note_image(self, event: PartEvent) -> None:
        # A file without a name and without bytes is what a web form sends for a field in which nothing was chosen.
        begun = event.file_name if isinstance(event, PartBegan) else event
        if self._may_be_image and begun and not isinstance(event, PartEnded):
            self._may_be_image = False
            self._files += 1
            if self._files > 1:
                raise ApiError(ProofCode.PROOF_OF_TWO_IMAGES)

    def place(self) -> tuple[str, int] | None:
        """The batch and index of the image, or None for the file; raises `ApiError` unless it is one of them."""
        batch_id, index = (self._place[field].decode(errors="replace").strip() for field in PLACE_FIELDS)
        if not batch_id and not index:
            if not self._files:
                raise ApiError(ProofCode.PROOF_NEEDS_IMAGE)
            return None
        if self._files:
            raise ApiError(ProofCode.PROOF_OF_TWO_IMAGES)
        try:
            known = str(UUID(batch_id))
        except ValueError:
            raise ApiError(ProofCode.PROOF_SOURCE_INVALID) from None
        if not _INDEX.fullmatch(index):
            raise ApiError(ProofCode.PROOF_SOURCE_INVALID)
        return known, int(index)
