"""What a file's first bytes announce."""

import pytest

from services.gateway.signatures import image_media_type


def test_the_three_formats_are_known(jpeg: bytes, png: bytes, webp: bytes) -> None:
    """By their first twelve bytes."""
    known = [image_media_type(data[:12]) for data in (jpeg, png, webp)]
    assert known == ["image/jpeg", "image/png", "image/webp"]


@pytest.mark.parametrize(
    "head", [b"", b"\xff\xd8", b"hello world!", b"GIF89a______", b"RIFF\x10\x00\x00\x00WAVE", b"%PDF-1.7"]
)
def test_anything_else_is_none_of_them(head: bytes) -> None:
    """Text, other formats, and beginnings cut short."""
    assert image_media_type(head) is None
