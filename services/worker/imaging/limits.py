"""How much of one image is read, decoded and made before it is rejected."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Caps that are checked before what they cap is done. Each is a setting of the worker, by the same name.

    `max_file_bytes`: the original, encoded. `max_chunks`: the segments of a JPEG before its first scan, the chunks of
    a PNG or WebP, the extensions of a GIF. `max_jpeg_scans` stops progressive bombs, for which libjpeg has no limit
    (LJT-01-003); real photographs have at most 12. `max_declared_pixels`: what a JPEG's header may claim, as phones
    make honest ones of 200 megapixels. `max_decoded_pixels`: what is held in memory at a time, after JPEG's DCT
    scaling, and also while a recipe's steps make the image larger. `max_side`: the longest side of the original, in
    pixels. `max_print_pixels`, `max_avif_pixels`: one print, and one that is an AVIF, whose encoder takes 1.35 GB for
    50 megapixels. `max_print_side`: the longest side of a print, WebP's own limit.
    `max_frames`, `max_animation_pixels`: an original whose frames are all kept, and what these are together.
    """

    max_file_bytes: int = 100 * 2**20
    max_chunks: int = 65_536
    max_jpeg_scans: int = 100
    max_declared_pixels: int = 250_000_000
    max_decoded_pixels: int = 50_000_000
    max_side: int = 32_768
    max_print_pixels: int = 25_000_000
    max_print_side: int = 16_383
    max_avif_pixels: int = 16_000_000
    max_frames: int = 200
    max_animation_pixels: int = 100_000_000
