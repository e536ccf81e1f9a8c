"""Parts of an answer, as a request names them by their bytes (RFC 9110, 14)."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request

_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.IGNORECASE)


@dataclass(frozen=True)
class ByteRange:
    """Bytes `first` to `last`, both of which belong to it; none of them if `last` is before `first`."""

    first: int
    last: int

    def __len__(self) -> int:
        return max(self.last - self.first + 1, 0)

    async def cut(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Give these bytes of the whole that the pieces make up."""
        start = 0
        async for piece in pieces:
            wanted = piece[max(self.first - start, 0) : max(self.last + 1 - start, 0)]
            if wanted:
                yield wanted
            start += len(piece)
            if start > self.last:
                return


def asked_range(request: Request, size_bytes: int, etag: str) -> ByteRange | None:
    """The part that the request asks for; None for the whole.

    That is also the answer to several parts, to what is no range of bytes, and to the rest of another version than the
    client has (If-Range): a server may always give everything. A part behind the end is empty.
    """
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if found is None or found[1] == found[2] == "" or request.headers.get("if-range", etag) != etag:
        return None
    if found[1] == "":
        suffix = int(found[2])
        return ByteRange(max(size_bytes - suffix, 0), size_bytes - 1) if suffix else ByteRange(size_bytes, 0)
    first, last = int(found[1]), min(int(found[2] or size_bytes), size_bytes - 1)
    if found[2] and int(found[2]) < first:
        return None
    return ByteRange(first, last)
