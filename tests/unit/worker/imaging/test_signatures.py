import pytest

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.signatures import recognise


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\0\0\x18ftypmif1", "HEIC"),
        (b"\0\0\0\x18ftypmp42", "video"),
        (b"BM\x9a\0\0\0\0\0\0\0", "BMP"),
        (b"\0\0\0\x0cJXL \r\n", "JPEG XL"),
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b'<?xml version="1.0"?>\n<svg xmlns="">', "SVG"),
        (b"PK\3\4", "ZIP"),
    ],
)
def test_a_format_that_is_not_developed_is_named(head: bytes, name: str) -> None:
    """The owner reads what the file is, not only that it failed."""
    with pytest.raises(ImageRejected, match=name) as caught:
        recognise(head + b"\0" * 64)
    assert caught.value.code == "unsupported_format"


@pytest.mark.parametrize("data", [b"Dear diary, today I took a picture.", b"\xff", b"\0" * 100])
def test_what_is_no_image_is_unreadable(data: bytes) -> None:
    """A text file named .jpg gets a code of its own, apart from known formats."""
    with pytest.raises(ImageRejected) as caught:
        recognise(data)
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize(
    ("head", "recognised"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "webp"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"\0\0\0\x1cftypavif", "avif"),
        (b"\0\0\0\x1cftypavis", "avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "avif"),
    ],
)
def test_formats_that_are_developed_are_recognised(head: bytes, recognised: str) -> None:
    """Whatever the file is called."""
    assert recognise(head + b"\0" * 64) == recognised


def test_an_empty_file_is_called_empty() -> None:
    """Phones upload files of zero bytes when their storage is full."""
    with pytest.raises(ImageRejected) as caught:
        recognise(b"")
    assert caught.value.code == "empty_file"
