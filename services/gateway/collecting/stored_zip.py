"""A ZIP file as it is streamed: some 13 bytes of memory for each entry, so that a million images make a small table.

Libraries keep an object for each entry until the end: 525 bytes in zipstream-ng, 300 in stream-zip (which also takes a
thread for each archive and a package of ciphers), so a gigabyte for two prints of each of a million images.
"""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from struct import Struct

from services.gateway.collecting.zip_records import Entry, ZipRecords, end_records

ROWS_IN_A_BLOCK = 1000

_ROW = Struct("<IIH")


class StoredZip:
    """Writes what stands between and after the entries' bytes. Names must differ: nobody looks."""

    def __init__(self, modified_at: datetime) -> None:
        self._records = ZipRecords(modified_at)
        self._table = _Table()

    def header(self, name: str, size: int, checksum: int) -> bytes:
        """What comes before the bytes of the next entry; `checksum` is their CRC-32."""
        entry = Entry(name.encode(), size, checksum)
        self._table.add(entry)
        return self._records.local_header(entry)

    def end(self) -> Iterator[bytes]:
        """What comes after the last entry, in pieces of some 100 kB."""
        offset, table_size, entries = 0, 0, 0
        for block in self._table.blocks():
            headers: list[bytes] = []
            for entry in block:
                headers.append(self._records.central_header(entry, offset))
                offset += self._records.local_header_bytes + len(entry.name) + entry.size
            piece = b"".join(headers)
            table_size += len(piece)
            entries += len(block)
            yield piece
        yield end_records(entries, offset, table_size)


class _Table:
    """The entries so far, compressed block by block; where each lies follows from the sizes of those before it."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._newest: list[Entry] = []

    def add(self, entry: Entry) -> None:
        self._newest.append(entry)
        if len(self._newest) == ROWS_IN_A_BLOCK:
            self._packed.append(_packed(self._newest))
            self._newest = []

    def blocks(self) -> Iterator[Sequence[Entry]]:
        for packed in self._packed:
            yield tuple(_unpacked(packed))
        if self._newest:
            yield self._newest


def _packed(entries: Sequence[Entry]) -> bytes:
    rows = (_ROW.pack(entry.checksum, entry.size, len(entry.name)) + entry.name for entry in entries)
    return zlib.compress(b"".join(rows), level=1)


def _unpacked(packed: bytes) -> Iterator[Entry]:
    rows = zlib.decompress(packed)
    start = 0
    while start < len(rows):
        checksum, size, name_bytes = _ROW.unpack_from(rows, start)
        start += _ROW.size + name_bytes
        yield Entry(rows[start - name_bytes : start], size, checksum)
