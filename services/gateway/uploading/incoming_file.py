"""One file of an upload while its bytes come in: measured, looked at, hashed and stored."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.gateway.uploading.overlapped_puts import OverlappedPuts, StreamedPut
from shared.documents import ManifestEntry, UnfitReason
from shared.failure_codes import FailureCode
from shared.image_sizes import HEADER_BYTES, announced_size
from shared.image_types import HEAD_BYTES, UnfitFile, recognise


@dataclass(frozen=True)
class FileLimits:
    """Up to `small_bytes` a file is kept in memory and stored in one piece; above `max_bytes` it is not kept."""

    small_bytes: int
    max_bytes: int


class IncomingFile:
    """Takes a file's bytes in order; those of one that cannot be developed are hashed but not kept."""

    def __init__(self, index: int, name: str, key: str, limits: FileLimits, puts: OverlappedPuts) -> None:
        self.index = index
        self.name = name
        self.size_bytes = 0
        self._key = key
        self._limits = limits
        self._puts = puts
        self._head = b""
        self._digest = hashlib.sha256()
        self._pieces: list[bytes] = []
        self._streamed: StreamedPut | None = None
        self._unfit: UnfitReason | None = None
        self._announced: dict[str, Any] = {}

    async def write(self, piece: bytes) -> None:
        """Take the next bytes; raises what the object store failed with."""
        self.size_bytes += len(piece)
        self._digest.update(piece)
        if self._unfit is None:
            self._unfit = self._judge(piece)
            if self._unfit is not None:
                await self.discard()
        if self._unfit is not None:
            return
        if self._streamed is not None:
            await self._streamed.write(piece)
            return
        self._pieces.append(piece)
        if self.size_bytes > self._limits.small_bytes:
            await self._stream()

    async def end(self) -> ManifestEntry:
        """Judge the complete file, and see one that is fit into the store: a large one is stored on return."""
        # A file shorter than a full head has not been judged by its bytes yet.
        if self._unfit is None and len(self._head) < HEAD_BYTES:
            self._unfit = _judged_by_head(self._head)
        if self._unfit is not None:
            await self.discard()
        elif self._streamed is not None:
            await self._streamed.finish()
        else:
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._announced = _announced(data)
            await self._puts.start(self._key, data)
        return ManifestEntry(
            index=self.index,
            name=self.name,
            size_bytes=self.size_bytes,
            sha256=self._digest.hexdigest(),
            unfit=self._unfit,
            **self._announced,
        )

    async def discard(self) -> None:
        """Keep nothing of what came so far."""
        self._pieces.clear()
        if self._streamed is not None:
            await self._streamed.abandon()

    def _judge(self, piece: bytes) -> UnfitReason | None:
        """Say why the file cannot be developed as soon as it is clear: by its first bytes, or by its size."""
        if self.size_bytes > self._limits.max_bytes:
            message = f"The file is too large: a file may have {self._limits.max_bytes} bytes. Upload a smaller one."
            return UnfitReason(code=FailureCode.FILE_TOO_LARGE, message=message)
        if len(self._head) == HEAD_BYTES:
            return None
        self._head += piece[: HEAD_BYTES - len(self._head)]
        return _judged_by_head(self._head) if len(self._head) == HEAD_BYTES else None

    async def _stream(self) -> None:
        self._streamed = self._puts.stream(self._key)
        pieces, self._pieces = self._pieces, []
        self._announced = _announced(_header(pieces))
        for piece in pieces:
            await self._streamed.write(piece)


def _header(pieces: Sequence[bytes]) -> bytes:
    """Give at least the first bytes that are looked at, without a copy of all that came so far."""
    header = bytearray()
    for piece in pieces:
        header += piece[:HEADER_BYTES]
        if len(header) >= HEADER_BYTES:
            break
    return bytes(header)


def _announced(header: bytes) -> dict[str, Any]:
    """The fields of an entry that the first bytes tell; none of a file that is no image."""
    image_format = recognise(header)
    if isinstance(image_format, UnfitFile):
        return {}
    size = announced_size(header, image_format)
    return {"format": image_format, "width": size and size[0], "height": size and size[1]}


def _judged_by_head(head: bytes) -> UnfitReason | None:
    found = recognise(head)
    return UnfitReason(code=found.code, message=found.message) if isinstance(found, UnfitFile) else None
