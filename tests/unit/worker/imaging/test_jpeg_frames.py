import io
from typing import Any

import pytest
from PIL import Image

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.jpeg_frames import coefficient_bytes, is_read_in_one_pass, jpeg_segments
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.pixels.decoding import decode


def jpeg(mode: str = "RGB", **options: Any) -> bytes:
    """Make a JPEG of 64 x 48 pixels."""
    file = io.BytesIO()
    Image.new(mode, (64, 48)).save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "held"),
    [
        (jpeg(), 0),
        (jpeg("L"), 0),
        (jpeg("CMYK"), 0),
        (jpeg(restart_marker_rows=1), 0),
        (jpeg("L", progressive=True), 2 * 64 * 48),
        (jpeg(progressive=True, subsampling="4:2:0"), 3 * 64 * 48),
        (jpeg(progressive=True, subsampling="4:2:2"), 4 * 64 * 48),
        (jpeg(progressive=True, subsampling="4:4:4"), 6 * 64 * 48),
        (jpeg("CMYK", progressive=True, subsampling="4:4:4"), 8 * 64 * 48),
    ],
)
def test_only_a_jpeg_of_several_scans_is_held_as_coefficients(data: bytes, held: int) -> None:
    """Two bytes for each, of as many as the components are sampled."""
    assert coefficient_bytes(data) == held
    assert is_read_in_one_pass(data) == (held == 0)


def test_a_baseline_jpeg_may_have_a_scan_for_each_component() -> None:
    """Then it is no more read in one pass than a progressive one."""
    data = bytearray(jpeg(subsampling="4:4:4"))
    data[data.index(b"\xff\xda") + 4] = 1
    assert not is_read_in_one_pass(bytes(data))
    assert coefficient_bytes(bytes(data)) == 6 * 64 * 48


def test_scans_behind_one_that_has_everything_are_refused_by_libjpeg() -> None:
    """So nobody needs to count them: a thousand cost nothing."""
    data = jpeg()
    start = data.rindex(b"\xff\xda")
    with pytest.raises(ImageRejected) as caught:
        decode(ImageBytes(data[:-2] + data[start:-2] * 1000 + data[-2:]), ImageLimits(), lambda size: size, orient=True)
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("cut", range(2, 40))
def test_a_header_that_breaks_off_or_lies_says_nothing(cut: int) -> None:
    """Then scans are counted one by one, and the decoder names what is wrong."""
    data = jpeg(progressive=True)
    frame, scan = data.index(b"\xff\xc2"), data.index(b"\xff\xda")
    for broken in (data[: frame + cut], data[:frame] + data[frame + cut :], data[:scan] + data[scan : scan + cut]):
        assert not is_read_in_one_pass(broken)
        assert coefficient_bytes(broken) >= 0
    assert coefficient_bytes(data[: frame + 9] + bytes(4) + data[frame + 9 :]) == 0


def test_segments_end_with_the_first_scan() -> None:
    """What follows it is no header."""
    data = jpeg(progressive=True)
    *_, last = jpeg_segments(data)
    assert last == data.index(b"\xff\xda")
