"""How much of one image is read, decoded and made before it is rejected."""

from pydantic import BaseModel, Field, PositiveInt

MEBIBYTE = 2**20


class ImageLimits(BaseModel, frozen=True, use_attribute_docstrings=True):
    """Limits that are checked before the work that they limit. Each is a setting of the worker, by the same name."""

    max_file_bytes: PositiveInt = 100 * MEBIBYTE
    """Most bytes in one original. The gateway refuses more while it is uploaded; the worker does not open it."""

    max_chunks: PositiveInt = 65_536
    """Most segments of a JPEG before its first scan, chunks of a PNG or WebP, and extensions of a GIF."""

    max_jpeg_scans: PositiveInt = 100
    """Most scans of a JPEG; cameras write up to 12, and each costs as much as decoding the image once more. libjpeg
    has no limit of its own (LJT-01-003)."""

    max_declared_pixels: PositiveInt = 250_000_000
    """Most pixels that a JPEG may have, as it can be decoded at a half, a quarter or an eighth of its sides. Phones
    make photographs of 200 megapixels."""

    max_decoded_pixels: PositiveInt = 50_000_000
    """Most pixels held at a time: decoded from an original of any format, and while a recipe's steps are applied."""

    max_side: PositiveInt = 32_768
    """Longest side of an original in pixels."""

    max_print_pixels: PositiveInt = 25_000_000
    """Most pixels of a print."""

    max_print_side: int = Field(default=16_383, ge=1, le=16_383)
    """Longest side of a print in pixels; WebP knows no longer ones."""

    max_avif_pixels: PositiveInt = 16_000_000
    """Most pixels of a print that is an AVIF: its encoder takes 450 MB for so many, and 1.35 GB for 50 megapixels."""

    max_frames: PositiveInt = 200
    """Most frames of an original whose frames are all kept."""

    max_animation_pixels: PositiveInt = 100_000_000
    """Most pixels of such an original: its frames times its size."""

    def max_pixels_of_print(self, image_format: str) -> int:
        """Give the most pixels of a print in a format."""
        return self.max_avif_pixels if image_format == "avif" else self.max_print_pixels
