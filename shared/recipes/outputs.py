"""A recipe's outputs: the named prints, each with its size, format and quality."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from shared.recipes.values import Box, Gravity, Name, Quality, RecipePart


class Output(RecipePart):
    """One named print of the developed image, in full size unless `fit` or `cover` says otherwise; never enlarged."""

    name: Name

    fit: Box | None = None
    """The print is shrunk to fit inside, in its own proportions."""

    cover: Box | None = None
    """The print has these proportions and at most this size; what sticks out is cut away."""

    gravity: Gravity = "center"
    """What `cover` keeps."""

    @model_validator(mode="after")
    def _one_box(self) -> Self:
        if self.fit is not None and self.cover is not None:
            raise ValueError("give either fit or cover")
        return self


Animation = Annotated[
    Literal["first_frame", "keep"],
    Field(
        description="What becomes of an animated original: a still print of its first frame, or all of its frames, "
        "within the limits for frames and pixels. `smart` then means `center`, so that nothing jumps."
    ),
]


class JpegOutput(Output):
    """A JPEG; transparency becomes white. Chroma is 4:2:0, from quality 90 on 4:4:4."""

    format: Literal["jpeg"] = "jpeg"
    quality: Quality = 82
    progressive: bool = False
    """Some 3 % smaller and shown bit by bit while loading, for 2.5 times the encoding time."""


def _default_webp_effort(output: Mapping[str, Any]) -> int:
    # Why not the same for both: docs/decisions/0012-webp-effort.md.
    return 4 if output.get("lossless") else 2


class WebpOutput(Output):
    """A WebP that keeps transparency."""

    format: Literal["webp"] = "webp"
    quality: Quality = 80
    lossless: bool = False
    """Whether every pixel is kept exactly; `quality` then says how hard the encoder tries."""

    effort: int = Field(default_factory=_default_webp_effort, ge=0, le=6)
    """2 unless given, 4 if lossless. 4 takes twice as long for 3 % fewer bytes and 5 % less loss; 6 twice as long again
    for another 4 % of the bytes."""

    animation: Animation = "first_frame"


class AvifOutput(Output):
    """An AVIF that keeps transparency, of at most 16 megapixels: its encoder needs memory by the gigabyte beyond."""

    format: Literal["avif"] = "avif"
    quality: Quality = 63
    speed: int = Field(default=8, ge=4, le=10)
    """From 4, seventeen times slower than 8 and a fifth smaller, to 10, the fastest."""


class GifOutput(Output):
    """A GIF of few colours; a pixel is transparent or not. For players that know nothing better: WebP is a fraction."""

    format: Literal["gif"] = "gif"
    colours: int = Field(default=256, ge=2, le=256)
    """So many colours at most in each frame, a transparent one among them."""

    animation: Animation = "first_frame"


class PngOutput(Output):
    """A lossless PNG that keeps transparency."""

    format: Literal["png"] = "png"


OutputSpec = Annotated[JpegOutput | WebpOutput | AvifOutput | PngOutput | GifOutput, Field(discriminator="format")]
