"""How much of one image is decoded before it is rejected."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Caps that are checked before pixels are decoded.

    `max_declared_pixels` is what the header may claim: phones make honest JPEGs of 200 megapixels.
    `max_decoded_pixels` is what is held in memory, after JPEG's DCT scaling (imgproxy's default).
    `max_side` is the longest side in pixels. `max_jpeg_scans` stops progressive bombs, for which libjpeg has
    no limit (LJT-01-003); real photographs have at most 12.
    `max_frames` and `max_animation_pixels`, of all frames together, hold where an animation is kept moving; a still
    print of it is made of its first frame only.
    """

    max_declared_pixels: int = 250_000_000
    max_decoded_pixels: int = 50_000_000
    max_side: int = 32_768
    max_jpeg_scans: int = 100
    max_frames: int = 200
    max_animation_pixels: int = 100_000_000
