import io

import pytest
from PIL import Image

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.jpeg_scans import check_jpeg_scans


def progressive() -> bytes:
    """Make a progressive JPEG of ten scans."""
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, "JPEG", progressive=True)
    return file.getvalue()


def with_repeated_last_scan(data: bytes, times: int) -> bytes:
    """Repeat a JPEG's last scan."""
    start = data.rindex(b"\xff\xda")
    return data[:-2] + data[start:-2] * times + data[-2:]


def test_an_ordinary_progressive_jpeg_passes() -> None:
    """Ten scans are what libjpeg writes by default."""
    check_jpeg_scans(progressive(), max_scans=10)


def test_one_scan_too_many_is_rejected() -> None:
    """The walk over the markers counts exactly."""
    with pytest.raises(ImageRejected) as caught:
        check_jpeg_scans(progressive(), max_scans=9)
    assert caught.value.code == "too_many_scans"


def test_a_scan_bomb_is_rejected_without_decoding() -> None:
    """Libjpeg itself has no limit: thousands of scans in some hundred kilobytes take half a minute."""
    with pytest.raises(ImageRejected) as caught:
        check_jpeg_scans(with_repeated_last_scan(progressive(), 1_000), max_scans=100)
    assert caught.value.code == "too_many_scans"


def test_scan_markers_inside_a_segment_are_no_scans() -> None:
    """Previews and colour profiles may hold the same two bytes."""
    data = progressive()
    comment = b"\xff\xda" * 500
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    check_jpeg_scans(data[:2] + segment + data[2:], max_scans=100)


def test_scan_markers_after_the_image_are_no_scans() -> None:
    """Phones append further images to the first."""
    check_jpeg_scans(progressive() + b"\xff\xda\0\2" * 500, max_scans=100)
