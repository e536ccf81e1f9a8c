"""Walk over a JPEG's scans: bombs repeat them, and damage leaves some of them out or their restarts in disorder.

A 171 KB file of 1,000 scans can cost seconds, as libjpeg has no limit (LJT-01-003).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.jpeg_frames import frame_and_scan, is_read_in_one_pass, mcus_in_scan
from shared.failure_codes import FailureCode

_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
END = b"\xff\xd9"
_START = b"\xff\xd8\xff"
_RESTART_INTERVAL = 0xDD
_MULTI_PICTURE = b"MPF\0"
# In entropy-coded data FF 00 is a literal FF, FF D0 to FF D7 are restarts and FF FF is filling.
_NEXT_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_RESTART_CODES = bytes(range(0xD0, 0xD8))
_COEFFICIENTS = range(64)
_BITS_LEFT = 0x0F


def check_jpeg_scans(data: bytes, max_scans: int) -> None:
    """Raise ImageRejected (`too_many_scans`) if the JPEG has more scans than that."""
    # Every scan starts with FF DA, so the raw count is never too low; but it takes a millisecond for each megabyte.
    if is_read_in_one_pass(data) or data.count(b"\xff\xda") <= max_scans:
        return
    scans = 0
    for code, _ in _markers(data):
        scans += code == _START_OF_SCAN
        if scans > max_scans:
            raise ImageRejected.because(
                FailureCode.TOO_MANY_SCANS,
                f"This JPEG is stored in more than {max_scans} passes, which no camera does.",
            )


def cut_at_end(data: bytes) -> bytes | None:
    """Give the JPEG without what is behind its end marker; None if it has none.

    In entropy-coded data that takes a millisecond for each megabyte.
    """
    if is_read_in_one_pass(data):
        end = data.find(END, frame_and_scan(data)[1])
    else:
        end = next((position for code, position in _markers(data) if code == _END_OF_IMAGE), -1)
    if end < 0:
        return None
    return data if data[end:] == END else data[: end + len(END)]


def before_next_picture(data: bytes) -> bytes:
    """Give the JPEG without another one that begins before its end marker; the same object if there is none."""
    scan = frame_and_scan(data)[1]
    begin = data.find(_START, scan) if scan else -1
    return data if begin < 0 or data.find(END, scan, begin) >= 0 else data[:begin]


def has_second_picture(data: bytes) -> bool:
    """Tell whether a JPEG says that more pictures lie behind it, as cameras' MPO files do."""
    return data.find(_MULTI_PICTURE, 0, frame_and_scan(data)[1]) >= 0


@dataclass(frozen=True, slots=True)
class Scan:
    """Where a scan's header and its entropy-coded data are, and the MCUs between two restart markers, 0 for none."""

    header: int
    end: int
    restart_interval: int


def find_scans(data: bytes) -> Iterator[Scan]:
    """Give each scan of a JPEG that ends with an end marker."""
    header = interval = 0
    for code, position in _markers(data):
        if header:
            yield Scan(header, position, interval)
            header = 0
        if code == _START_OF_SCAN and is_read_in_one_pass(data):
            yield Scan(position, len(data) - len(END), interval)
            return
        if code == _START_OF_SCAN:
            header = position
        elif code == _RESTART_INTERVAL:
            interval = int.from_bytes(data[position + 4 : position + 6], "big")


def restarts_are_right(data: bytes) -> bool:
    """Tell whether each scan has as many restart markers as it must have, counting from 0 to 7 again and again."""
    for scan in find_scans(data):
        if scan.restart_interval:
            found = b"".join(_RESTART.findall(data, scan.header, scan.end))
            wanted = (mcus_in_scan(data, scan.header) - 1) // scan.restart_interval
            if found != (_RESTART_CODES * (wanted // len(_RESTART_CODES) + 1))[:wanted]:
                return False
    return True


def has_all_scans(data: bytes) -> bool:
    """Tell whether the scans say all of every coefficient of every component, to the last bit."""
    frame, first_scan = frame_and_scan(data)
    if is_read_in_one_pass(data) or not first_scan:
        return True
    components = data[frame + 10 : first_scan : 3][: data[frame + 9]]
    missing = {component: set(_COEFFICIENTS) for component in components}
    for scan in find_scans(data):
        component_bytes = 2 * data[scan.header + 4]
        header = data[scan.header + 5 : scan.end][: component_bytes + 3]
        if len(header) == component_bytes + 3 and not header[-1] & _BITS_LEFT:
            for component in header[:component_bytes:2]:
                missing.get(component, set()).difference_update(range(header[-3], header[-2] + 1))
    return not any(missing.values())


def _markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Give each marker's code and position, up to and with that of the end of the image."""
    position = 2
    while marker := _NEXT_MARKER.search(data, position):
        code = marker.group(1)[0]
        yield code, marker.start()
        if code == _END_OF_IMAGE:
            return
        # A segment's length counts its own two bytes; what it holds (a preview's scans, say) is not searched.
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
