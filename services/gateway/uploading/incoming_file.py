"""One file of an upload while its bytes come in: measured, looked at, hashed and stored."""

import hashlib
from dataclasses import dataclass

from services.gateway.answers.upload_codes import UploadCode
from services.gateway.uploading.overlapped_puts import OverlappedPuts, StreamedPut
from shared.documents import ManifestEntry
from shared.image_types import HEAD_BYTES, UnfitFile, recognise
from shared.ports import ObjectWriter

MAX_NAME_CHARACTERS = 1024


@dataclass(frozen=True)
class FileLimits:
    """Up to `small_bytes` a file is kept in memory and stored in one piece; above `max_bytes` it is refused."""

    small_bytes: int
    max_bytes: int


class IncomingFile:
    """Takes a file's bytes in order, then is stored or abandoned. A file with a problem is read but not kept."""

    def __init__(self, index: int, name: str, limits: FileLimits, *, keep: bool) -> None:
        self.index = index
        self.name = name
        self._limits = limits
        self._size_bytes = 0
        self._head = b""
        self._digest = hashlib.sha256()
        self._pieces: list[bytes] = []
        self._streamed: StreamedPut | None = None
        self._keep = keep

    @property
    def problem(self) -> UploadCode | None:
        """Why the file, as complete as it is now, cannot be part of a batch: a code, or None if it can."""
        if len(self.name) > MAX_NAME_CHARACTERS:
            return UploadCode.FILE_NAME_TOO_LONG
        if self._size_bytes == 0:
            return UploadCode.EMPTY_FILE
        if isinstance(recognise(self._head), UnfitFile):
            return UploadCode.NOT_AN_IMAGE
        if self._size_bytes > self._limits.max_bytes:
            return UploadCode.FILE_TOO_LARGE
        return None

    async def write(self, piece: bytes, objects: ObjectWriter, key: str) -> None:
        """Take the next bytes; raises what the object store failed with."""
        self._size_bytes += len(piece)
        self._head += piece[: HEAD_BYTES - len(self._head)]
        if not self._keep:
            return
        if len(self._head) == HEAD_BYTES and self.problem:
            await self.abandon()
            return
        self._digest.update(piece)
        if self._streamed is not None:
            await self._streamed.write(piece)
            return
        self._pieces.append(piece)
        if self._size_bytes > self._limits.small_bytes:
            await self._begin_stream(objects, key)

    async def store(self, puts: OverlappedPuts, key: str) -> ManifestEntry:
        """See the complete file into the store: on return a large one is stored, a small one on its way."""
        if self._streamed is not None:
            await self._streamed.finish()
        else:
            data = b"".join(self._pieces)
            self._pieces.clear()
            await puts.start(key, data)
        return ManifestEntry(
            index=self.index, name=self.name, size_bytes=self._size_bytes, sha256=self._digest.hexdigest()
        )

    async def abandon(self) -> None:
        """Keep nothing of the file, neither what came nor what is still to come."""
        self._keep = False
        self._pieces.clear()
        if self._streamed is not None:
            await self._streamed.abandon()

    async def _begin_stream(self, objects: ObjectWriter, key: str) -> None:
        self._streamed = StreamedPut(objects, key)
        pieces, self._pieces = self._pieces, []
        for piece in pieces:
            await self._streamed.write(piece)
