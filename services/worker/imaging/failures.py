"""Why an image was rejected: a stable code and a sentence for its owner."""

from typing import Self

from shared.errors import PermanentError
from shared.failure_codes import FailureCode


class ImageRejected(PermanentError):  # noqa: N818 - what happened to the image, not an error of ours
    """This image cannot be developed, and trying again would not help.

    `code` is stable and machine-readable, `message` a sentence that the image's owner understands. `cpu_ms`: processor
    time that was spent on it; 0 if that is not known.
    """

    def __init__(self, code: FailureCode, message: str | None = None) -> None:
        """Without a message of its own, that of the code."""
        self.code = code
        self.cpu_ms = 0
        self.message = message or code.text.english
        super().__init__(code, self.message)

    @classmethod
    def because(cls, code: FailureCode, finding: str) -> Self:
        """The rejection for a finding that says more than the code's; the code's advice follows it."""
        return cls(code, f"{finding} {code.advice}")

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
