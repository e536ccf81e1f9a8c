"""A recipe's readouts: what is found out about each original, beside its prints."""

from pydantic import Field

from shared.recipes.values import RecipePart

MAX_COLOURS = 8


class Readouts(RecipePart):
    """What is read of each original, before any step; nothing of this unless asked for.

    Its width, height, format and number of frames are given in any case.
    """

    exif: bool = False
    """What the camera noted (EXIF), cleaned and cut to 4 KiB, without the place."""

    gps: bool = False
    """The place where it was taken, as far as EXIF says."""

    perceptual_hash: bool = False
    """A 64-bit dHash: images that look alike differ in few bits, however they are scaled or compressed."""

    colours: int = Field(default=0, ge=0, le=MAX_COLOURS)
    """So many dominant colours at most, each with its share of the image."""

    placeholder: bool = False
    """A BlurHash: some 30 characters of which a browser paints a blurred preview."""

    quality: bool = False
    """How sharp and how well exposed it is."""

    @property
    def need_pixels(self) -> bool:
        """Whether any of it is seen in the image rather than read beside it."""
        return self.perceptual_hash or self.colours > 0 or self.placeholder or self.quality
