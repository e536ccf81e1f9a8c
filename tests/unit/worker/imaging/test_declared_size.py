from collections.abc import Callable

import pytest
from PIL import Image

from services.worker.imaging.declared_size import declared_size

Encoded = Callable[..., bytes]


@pytest.mark.parametrize(
    ("encoder", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("GIF", "P", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {}),
        ("WEBP", "RGB", {"exif": Image.Exif().tobytes()}),
    ],
)
def test_the_header_says_the_size(encoded: Encoded, encoder: str, mode: str, options: dict[str, object]) -> None:
    """The same as Pillow, and without opening the file."""
    data = encoded(Image.radial_gradient("L").resize((301, 45)).convert(mode), encoder, **options)
    assert declared_size(data[:64]) == (301, 45)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF....WEBPVP8 ", b"RIFF....WEBPVP8L????"]
)
def test_where_there_is_no_size_there_is_none(data: bytes) -> None:
    """The decoder then says what is wrong."""
    assert declared_size(data + bytes(30)) in {None, (0, 0)}
