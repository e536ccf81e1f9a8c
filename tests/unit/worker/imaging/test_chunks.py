import pytest

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.segments import check_chunks
from tests import hostile


def is_rejected(data: bytes, limit: int) -> bool:
    """Tell whether the file has more pieces than that."""
    try:
        check_chunks(data, limit)
    except ImageRejected as rejected:
        assert rejected.code == "too_many_chunks"  # noqa: PT017 - only this code is right
        return True
    return False


@pytest.mark.parametrize(
    ("data", "pieces"),
    [
        (b"\xff\xd8" + b"\xff\xfe\0\4ab" * 3 + b"\xff\xda\0\2" + b"\xff\xfe\0\2" * 9, 4),
        (b"\xff\xd8\xff\xfe\0\2" + b"??" + b"\xff\xda\0\2", 4),
        (b"\xff\xd8\xff\xff\xff\xfe\0\2\xff\xda", 4),
        (b"\xff\xd8\xff\xd0\xff\xd1\xff\xda", 3),
        (hostile.png(4, 4, hostile.png_chunk(b"tEXt", b"a\0b") * 5), 8),
        (b"RIFF\0\0\0\0WEBP" + b"EXIF\4\0\0\0abcd" * 6, 6),
        (hostile.gif(1, 1, b"\x21\xfe\1a\0", b"\x21\xf9\4\0\0\0\0\0", hostile.gif_frame(1, 1), b"\x21\xff\0"), 3),
        (b"GIF89a", 0),
        (b"BM", 0),
    ],
    ids=["jpeg", "stray bytes", "filling", "markers alone", "png", "webp", "gif", "half a gif", "other"],
)
def test_pieces_are_counted_exactly(data: bytes, pieces: int) -> None:
    """So many may pass, and one less may not."""
    assert not is_rejected(data, pieces)
    assert pieces == 0 or is_rejected(data, pieces - 1)


@pytest.mark.parametrize(
    "data", [b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xfe", b"\x89PNG\r\n\x1a\n\0", b"RIFF1234WEBPV"]
)
def test_files_that_break_off_are_somebody_elses_business(data: bytes) -> None:
    """The decoder names what is wrong with them."""
    assert not is_rejected(data, 10)


def test_lengths_of_nothing_still_lead_on() -> None:
    """A segment cannot be shorter than its own length."""
    assert is_rejected(b"\xff\xd8" + b"\xff\xfe\0\0" * 50, 49)
