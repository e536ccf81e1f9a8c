"""What is checked before a file is opened, and what right after."""

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.jpeg_frames import unsupported_kind
from services.worker.imaging.files.jpeg_scans import check_jpeg_scans
from services.worker.imaging.files.segments import check_chunks
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.sizes import Size
from shared.failure_codes import FailureCode
from shared.image_types import ImageFormat


def check_before_opening(data: bytes, image_format: ImageFormat, limits: ImageLimits) -> None:
    """Raise ImageRejected: `file_too_large`, `too_many_chunks`, `too_many_scans`, `unsupported_format`."""
    if len(data) > limits.max_file_bytes:
        raise ImageRejected.because(
            FailureCode.FILE_TOO_LARGE, f"The file has more than {limits.max_file_bytes:,} bytes."
        )
    check_chunks(data, limits.max_chunks)
    if image_format == "jpeg":
        check_jpeg_scans(data, limits.max_jpeg_scans)
        if kind := unsupported_kind(data):
            raise ImageRejected(
                FailureCode.UNSUPPORTED_FORMAT,
                f"This is a {kind} JPEG. Save it as an ordinary JPEG of 8 bits and upload that.",
            )


def max_pixels(image_format: ImageFormat, limits: ImageLimits) -> int:
    """Give how many pixels a file of a format may declare: only a JPEG can be decoded to fewer than that."""
    if image_format == "jpeg":
        return limits.max_declared_pixels
    return min(limits.max_declared_pixels, limits.max_decoded_pixels)


def check_size(size: Size, pixels: int, limits: ImageLimits) -> None:
    """Raise ImageRejected (`too_many_pixels`) if an original is larger."""
    if size[0] * size[1] > pixels:
        raise too_many_pixels(pixels)
    if max(size) > limits.max_side:
        raise ImageRejected.because(
            FailureCode.TOO_MANY_PIXELS, f"The image is longer than {limits.max_side:,} pixels on one side."
        )


def too_many_pixels(limit: int) -> ImageRejected:
    """Give the rejection of an original of more pixels than that."""
    return ImageRejected.because(FailureCode.TOO_MANY_PIXELS, f"The image has more than {limit / 1e6:g} megapixels.")
