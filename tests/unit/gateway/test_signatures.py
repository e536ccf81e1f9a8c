"""What a file's first bytes announce."""

import pytest

from services.gateway.signatures import image_media_type


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
