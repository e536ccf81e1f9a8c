"""ZIP files as other programs read them."""

import io
import tracemalloc
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.gateway.collecting.stored_zip import StoredZip

MOMENT = datetime(2025, 1, 15, 10, 30, 7, tzinfo=UTC)
GIBIBYTE = 1 << 30


def written(files: dict[str, bytes], moment: datetime = MOMENT) -> bytes:
    """A whole archive."""
    archive = StoredZip(moment)
    parts = [archive.header(name, len(data), zlib.crc32(data)) + data for name, data in files.items()]
    return b"".join([*parts, *archive.end()])


def test_entries_are_read_as_they_were_written() -> None:
    """Names, bytes, checksums, times, and that nothing was compressed."""
    files = {"0-제주-web.jpg": b"one" * 100, "1-b-web.jpg": b"", "2-👩.png": b"\xff\xd8"}
    with zipfile.ZipFile(io.BytesIO(written(files))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
        for info in archive.infolist():
            assert info.date_time == (2025, 1, 15, 10, 30, 6)
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.flag_bits == 1 << 11
            assert info.external_attr >> 16 == 0o100644
            # Extended timestamp: with the seconds that the old fields lose, in UTC.
            assert info.extra[:5] == b"UT\5\0\1"
            assert int.from_bytes(info.extra[5:9], "little") == int(MOMENT.timestamp())


def test_an_archive_of_nothing_is_one() -> None:
    """Of 22 bytes."""
    data = written({})
    assert len(data) == 22
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == []


@pytest.mark.parametrize("moment", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)])
def test_times_that_a_field_cannot_hold_do_no_harm(moment: datetime) -> None:
    """They become the nearest that it can."""
    [info] = zipfile.ZipFile(io.BytesIO(written({"a": b"a"}, moment))).infolist()
    assert info.date_time[0] == max(1980, moment.year)


def test_more_entries_than_16_bits_count() -> None:
    """Need the ZIP64 end, and nothing else."""
    count = 70_000
    data = written({f"{number:05}": b"" for number in range(count)})
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert (len(names), names[0], names[-1]) == (count, "00000", "69999")


def test_entries_beyond_four_gibibytes_are_found(tmp_path: Path) -> None:
    """In an archive with holes where its large entries are."""
    path = tmp_path / "large.zip"
    archive = StoredZip(MOMENT)
    last = b"the last one"
    with path.open("wb") as file:
        for number in range(2):
            file.write(archive.header(f"{number}", 3 * GIBIBYTE, 0))
            file.seek(3 * GIBIBYTE, io.SEEK_CUR)
        file.write(archive.header("last", len(last), zlib.crc32(last)) + last)
        file.writelines(archive.end())
    with zipfile.ZipFile(path) as opened:
        assert [info.file_size for info in opened.infolist()] == [3 * GIBIBYTE, 3 * GIBIBYTE, len(last)]
        assert opened.getinfo("last").header_offset > 6 * GIBIBYTE
        assert opened.read("last") == last


def test_the_table_of_contents_is_small_in_memory() -> None:
    """Below 24 bytes for each entry: two prints of each of a million images are 48 MB at most."""
    count = 20_000
    archive = StoredZip(MOMENT)
    tracemalloc.start()
    for number in range(count):
        checksum = zlib.crc32(number.to_bytes(4, "little"))
        archive.header(f"{number:06}-IMG_{checksum % 10_000:04}-web.jpg", 20_000 + checksum % 400_000, checksum)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held / count < 24
    assert max(len(piece) for piece in archive.end()) < 200_000
