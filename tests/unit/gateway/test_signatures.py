"""What a file's first bytes announce."""

import pytest

from services.gateway.uploading.signatures import SIGNATURE_BYTES, image_media_type
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.signatures import recognise


def test_the_formats_that_are_developed_are_known(jpeg: bytes, png: bytes, webp: bytes) -> None:
    """By their first twelve bytes."""
    heads = (jpeg, png, webp, b"GIF89a______", b"GIF87a______", b"\0\0\0\x1cftypavif", b"\0\0\0\x1cftypavis")
    kinds = ["jpeg", "png", "webp", "gif", "gif", "avif", "avif"]
    assert [image_media_type(head[:12]) for head in heads] == [f"image/{kind}" for kind in kinds]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xd8",
        b"hello world!",
        b"BM__________",
        b"\0\0\0\x18ftypheic",
        b"RIFF\x10\x00\x00\x00WAVE",
        b"%PDF-1.7",
    ],
)
def test_anything_else_is_none_of_them(head: bytes) -> None:
    """Text, other formats, and beginnings cut short."""
    assert image_media_type(head) is None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "webp"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "avif"),
        (b"\0\0\0\x1cftypavis\0\0\0\0avismsf1miaf", "avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "avif"),
        (b"\0\0\0\x1cftypmsf1\0\0\0\0msf1miafavis", "avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", None),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", None),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", None),
        (b"II*\0", None),
        (b"BM\x9a\0\0\0\0\0\0\0", None),
        (b"RIFF\x24\0\0\0WAVEfmt ", None),
        (b"%PDF-1.7", None),
    ],
)
def test_the_gateway_takes_what_the_worker_develops(head: bytes, kind: str | None) -> None:
    """Or an upload would be refused that could be developed, or taken for nothing."""
    data = head + bytes(64)
    assert image_media_type(data[:SIGNATURE_BYTES]) == (f"image/{kind}" if kind else None)
    try:
        assert recognise(data) == kind
    except ImageRejected:
        assert kind is None
