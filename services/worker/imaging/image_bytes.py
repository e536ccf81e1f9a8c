"""The file that is developed, in memory."""

from dataclasses import dataclass


@dataclass(slots=True)
class ImageBytes:
    """An image file's bytes, which everyone who works on the image refers to.

    Setting `data` lets the bytes go, up to 100 MiB, although a function further out is still at work on the image:
    decoding a JPEG, of which only pixels are needed then, leaves none.
    """

    data: bytes
