"""Why an image was rejected: a stable code and a sentence for its owner."""

from typing import Literal

from shared.errors import PermanentError

RejectionCode = Literal[
    "empty_file",
    "unreadable",
    "unsupported_format",
    "file_too_large",
    "too_many_pixels",
    "too_many_frames",
    "too_many_scans",
    "too_many_chunks",
    "too_much_metadata",
    "out_of_memory",
    "timeout",
    "crashed",
    "watermark_unreadable",
    "step_failed",
    "unwritable",
]


class ImageRejected(PermanentError):  # noqa: N818 - what happened to the image, not an error of ours
    """This image cannot be developed, and trying again would not help.

    `code` is stable and machine-readable, `message` a sentence that the image's owner understands.
    """

    def __init__(self, code: RejectionCode, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
