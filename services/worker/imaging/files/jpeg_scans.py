"""Stop JPEG bombs that repeat scans: a 171 KB file can cost seconds, as libjpeg has no limit (LJT-01-003)."""

import re

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.jpeg_frames import is_read_in_one_pass

_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
# In entropy-coded data FF 00 is a literal FF, FF D0 to FF D7 are restarts and FF FF is filling.
_NEXT_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")


def check_jpeg_scans(data: bytes, max_scans: int) -> None:
    """Raise ImageRejected (`too_many_scans`) if the JPEG has more scans than that."""
    # Every scan starts with FF DA, so the raw count is never too low; but it takes a millisecond for each megabyte.
    if is_read_in_one_pass(data) or data.count(b"\xff\xda") <= max_scans:
        return
    if _count_scans(data, max_scans) > max_scans:
        raise ImageRejected(
            "too_many_scans", f"This JPEG is stored in more than {max_scans} passes, which no camera does."
        )


def _count_scans(data: bytes, enough: int) -> int:
    scans = 0
    position = 2
    while scans <= enough and (marker := _NEXT_MARKER.search(data, position)):
        code = marker.group(1)[0]
        if code == _END_OF_IMAGE:
            break
        scans += code == _START_OF_SCAN
        # A segment's length counts its own two bytes; what it holds (a preview's scans, say) is not searched.
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    return scans
