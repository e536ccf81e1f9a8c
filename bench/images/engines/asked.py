"""What an engine is asked for: prints of one image, from large to small."""

from typing import Protocol, TypedDict


class AskedPrint(TypedDict):
    """One print that fits into a square of `side` pixels; `format` is jpeg or webp, `quality` its encoder's scale."""

    side: int
    format: str
    quality: int


class Develop(Protocol):
    """Gives the bytes of every print, upright, in sRGB and without metadata, in the order asked for."""

    def __call__(self, data: bytes, asked: list[AskedPrint]) -> list[bytes]:
        """Develop one image."""
        ...


WEBP_EFFORT = 4
"""Of six, in libwebp's own scale, so equal for all."""
