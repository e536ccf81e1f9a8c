"""One request's body taken apart while it arrives: its text fields, and its images straight into the object store."""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass

from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.errors import ApiError, quoted
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.uploading.incoming_file import FileLimits, IncomingFile
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.uploading.overlapped_puts import OverlappedPuts
from services.gateway.uploading.text_fields import TextFields
from shared.documents import ManifestEntry
from shared.ports import ObjectWriter

FILES_FIELD = re.compile(r"files?(\[\d*\])?")
"""`files`, and what form libraries make of it."""

Keep = Callable[[ManifestEntry], Awaitable[None]]
"""Takes each file's entry, whose index is its place in the request."""


@dataclass(frozen=True)
class UploadLimits:
    """What one request may hold, and what it is refused with when it has more files."""

    max_files: int
    files: FileLimits
    too_many_files: UploadCode | DraftCode = UploadCode.TOO_MANY_FILES


class ReceivedParts:
    """The originals of one request, stored under a prefix of their own, and the fields that came with them."""

    def __init__(self, prefix: str, objects: ObjectWriter, limits: UploadLimits, keep: Keep) -> None:
        self.fields = TextFields()
        self.files = 0
        self._prefix = prefix
        self._objects = objects
        self._limits = limits
        self._keep = keep
        self._fingerprint = hashlib.sha256()
        self._puts = OverlappedPuts(objects, limits.files.small_bytes)
        self._part: IncomingFile | TextFields | None = None

    def fingerprint(self, read_fields: Collection[str]) -> str:
        """The SHA-256 of the files and these fields, which tells this request from others once all is received."""
        # As JSON, because no name can then be taken for the end of one part and the beginning of another.
        whole = self._fingerprint.copy()
        asked = sorted((name, value.hex()) for name, value in self.fields.items() if name in read_fields)
        whole.update(json.dumps(asked).encode())
        return whole.hexdigest()

    async def receive(self, parts: AsyncIterator[PartEvent]) -> None:
        """Take every part; on return all originals are stored.

        Of a file that cannot be developed, only the entry is kept, with the reason. Raises `ApiError` for what cannot
        be taken, and what the store fails with.
        """
        async for event in parts:
            match event:
                case PartBegan():
                    self._part = self._begin(event)
                case PartEnded():
                    await self._end(self._part)
                    self._part = None
                case piece:
                    await self._take(self._part, piece)
        if not self.files:
            raise ApiError(UploadCode.NO_FILES)
        await self._puts.finish()

    async def discard(self) -> None:
        if isinstance(self._part, IncomingFile):
            await self._part.discard()
        await self._puts.abandon()
        await self._objects.remove_under(self._prefix)

    def _begin(self, part: PartBegan) -> IncomingFile | TextFields:
        if FILES_FIELD.fullmatch(part.field):
            if part.file_name is None:
                raise ApiError(UploadCode.NOT_A_FILE)
            key = f"{self._prefix}{self.files}"
            return IncomingFile(self.files, part.file_name, key, self._limits.files, self._puts)
        if part.file_name:
            raise ApiError(UploadCode.UNEXPECTED_FILE, field=quoted(part.field))
        self.fields.begin(part.field)
        return self.fields

    async def _take(self, part: IncomingFile | TextFields | None, piece: bytes) -> None:
        if isinstance(part, IncomingFile):
            await part.write(piece)
        elif part is not None:
            part.take(piece)

    async def _end(self, part: IncomingFile | TextFields | None) -> None:
        if isinstance(part, IncomingFile):
            await self._end_file(part)
        elif part is not None:
            part.end()

    async def _end_file(self, file: IncomingFile) -> None:
        if not file.name and not file.size_bytes:
            # what a web form sends for a file field in which nothing was chosen
            self.fields.count_part()
            return
        if self.files >= self._limits.max_files:
            raise ApiError(self._limits.too_many_files, limit=self._limits.max_files)
        entry = await file.end()
        self.files += 1
        self._fingerprint.update(json.dumps([entry.name, entry.size_bytes, entry.sha256]).encode())
        await self._keep(entry)
