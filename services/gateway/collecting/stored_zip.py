"""A ZIP file as it is streamed: some 13 bytes of memory for each entry, so that a million images make a small table.

Libraries keep an object for each entry until the end: 525 bytes in zipstream-ng, 300 in stream-zip (which also takes a
thread for each archive and a package of ciphers), so a gigabyte for two prints of each of a million images.

The records are those of PKWARE's APPNOTE 6.3.10 for entries that are stored as they are, with ZIP64 where needed.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from struct import Struct

ROWS_IN_A_BLOCK = 1000

_ROW = Struct("<IIH")

_LOCAL = Struct("<4sHHHHHIIIHH")
_CENTRAL = Struct("<4sHHHHHHIIIHHHHHII")
_TIME = Struct("<HHBi")
_OFFSET64 = Struct("<HHQ")
_END64 = Struct("<4sQHHIIQQQQ")
_END64_LOCATOR = Struct("<4sIQI")
_END = Struct("<4sHHHHIIH")

_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_PLAIN_VERSION, _ZIP64_VERSION = 20, 45
# Unpackers heed the file mode only in archives made on Unix.
_MADE_ON_UNIX = 3 << 8 | _ZIP64_VERSION
_NAME_IS_UTF8 = 1 << 11
_STORED = 0
_MODE = 0o100644 << 16
_TIME_ID, _HAS_MODIFIED = 0x5455, 1
_ZIP64_ID = 1
_FIRST_DOS_TIME = datetime(1980, 1, 1, tzinfo=UTC)
_LAST_UNIX_SECONDS = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class _Entry:
    """One stored file: its name, its bytes' number (below 4 GiB) and their CRC-32."""

    name: bytes
    size: int
    checksum: int


class StoredZip:
    """Writes what stands between and after the entries' bytes. The caller sees to it that names differ."""

    def __init__(self, modified_at: datetime) -> None:
        self._records = _Records(modified_at)
        self._table = _Table()

    def header(self, name: str, size: int, checksum: int) -> bytes:
        """What comes before the bytes of the next entry; `checksum` is their CRC-32."""
        entry = _Entry(name.encode(), size, checksum)
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
        yield _end_records(entries, offset, table_size)


class _Table:
    """The entries so far, compressed block by block; where each lies follows from the sizes of those before it."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._newest: list[_Entry] = []

    def add(self, entry: _Entry) -> None:
        self._newest.append(entry)
        if len(self._newest) == ROWS_IN_A_BLOCK:
            self._packed.append(_packed(self._newest))
            self._newest = []

    def blocks(self) -> Iterator[Sequence[_Entry]]:
        for packed in self._packed:
            yield tuple(_unpacked(packed))
        if self._newest:
            yield self._newest


def _packed(entries: Sequence[_Entry]) -> bytes:
    rows = (_ROW.pack(entry.checksum, entry.size, len(entry.name)) + entry.name for entry in entries)
    return zlib.compress(b"".join(rows), level=1)


def _unpacked(packed: bytes) -> Iterator[_Entry]:
    rows = zlib.decompress(packed)
    start = 0
    while start < len(rows):
        checksum, size, name_bytes = _ROW.unpack_from(rows, start)
        start += _ROW.size + name_bytes
        yield _Entry(rows[start - name_bytes : start], size, checksum)


class _Records:
    """Makes the records; all entries were last modified at the same moment."""

    def __init__(self, modified_at: datetime) -> None:
        self._dos_time = _dos_time(modified_at)
        # The old fields have no time zone; with this one a file gets its time right wherever it is unpacked.
        seconds = min(int(modified_at.timestamp()), _LAST_UNIX_SECONDS)
        # An extra field's length does not count its own id and length.
        self._time = _TIME.pack(_TIME_ID, _TIME.size - 4, _HAS_MODIFIED, seconds)

    @property
    def local_header_bytes(self) -> int:
        """Bytes of what comes before an entry's own bytes, without its name."""
        return _LOCAL.size + _TIME.size

    def local_header(self, entry: _Entry) -> bytes:
        """What comes before the entry's bytes. Size and CRC-32 stand here, so that no descriptor follows them."""
        common = self._common(entry, _PLAIN_VERSION)
        return _LOCAL.pack(b"PK\3\4", *common, len(entry.name), _TIME.size) + entry.name + self._time

    def central_header(self, entry: _Entry, offset: int) -> bytes:
        """The entry's line in the table of contents; its local header lies at `offset` bytes."""
        far = offset >= _FULL32
        extra = self._time + (_OFFSET64.pack(_ZIP64_ID, 8, offset) if far else b"")
        common = self._common(entry, _ZIP64_VERSION if far else _PLAIN_VERSION)
        lengths = len(entry.name), len(extra), 0
        place = 0, 0, _MODE, min(offset, _FULL32)
        return _CENTRAL.pack(b"PK\1\2", _MADE_ON_UNIX, *common, *lengths, *place) + entry.name + extra

    def _common(self, entry: _Entry, version: int) -> tuple[int, ...]:
        sizes = entry.checksum, entry.size, entry.size
        return version, _NAME_IS_UTF8, _STORED, *self._dos_time, *sizes


def _end_records(entries: int, offset: int, size: int) -> bytes:
    """The end of a file whose table of contents has so many entries, begins at `offset` and takes `size` bytes."""
    end = _END.pack(
        b"PK\5\6", 0, 0, min(entries, _FULL16), min(entries, _FULL16), min(size, _FULL32), min(offset, _FULL32), 0
    )
    if entries < _FULL16 and size < _FULL32 and offset < _FULL32:
        return end
    versions = _MADE_ON_UNIX, _ZIP64_VERSION
    # The record's size counts neither its signature nor itself (4.3.14.1).
    end64 = _END64.pack(b"PK\6\6", _END64.size - 12, *versions, 0, 0, entries, entries, size, offset)
    return end64 + _END64_LOCATOR.pack(b"PK\6\7", 0, offset + size, 1) + end


def _dos_time(moment: datetime) -> tuple[int, int]:
    moment = max(moment.astimezone(UTC), _FIRST_DOS_TIME)
    # DOS counts seconds in twos and years from 1980.
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return time, (moment.year - _FIRST_DOS_TIME.year) << 9 | moment.month << 5 | moment.day
