"""What an engine is asked for: prints of one image, from large to small."""

from typing import NotRequired, Protocol, TypedDict


class AskedPrint(TypedDict):
    """One print that fits into a square of `side` pixels; `format` is jpeg or webp, `quality` its encoder's scale.

    `effort` is that of WebP, 0 to 6 in libwebp's own scale; without it each engine takes what it takes by itself.
    """

    side: int
    format: str
    quality: int
    effort: NotRequired[int]


class Develop(Protocol):
    """Gives the bytes of every print, upright, in sRGB and without metadata, in the order asked for."""

    def __call__(self, data: bytes, asked: list[AskedPrint]) -> list[bytes]:
        """Develop one image."""
        ...


def webp_effort(asked: AskedPrint, keyword: str) -> dict[str, int]:
    """Give the effort as the encoder's argument of that name, or none."""
    return {keyword: asked["effort"]} if "effort" in asked else {}
