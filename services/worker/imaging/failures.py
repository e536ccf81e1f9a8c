"""Why an image was rejected: a stable code and a sentence for its owner."""

from shared.errors import PermanentError
from shared.failure_codes import FailureCode


class ImageRejected(PermanentError):  # noqa: N818 - what happened to the image, not an error of ours
    """This image cannot be developed, and trying again would not help.

    `code` is stable and machine-readable, `message` a sentence that the image's owner understands.
    """

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
