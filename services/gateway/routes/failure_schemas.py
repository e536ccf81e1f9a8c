"""The JSON that the gateway answers with about the failures of a batch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from pydantic import Field

from services.gateway.answers.envelope import Body
from services.gateway.collecting.failure_causes import FailureCause
from shared.documents import Batch
from shared.failure_codes import FailureCode
from shared.translated import Language

_SAME = {"jpg": "jpeg", "jpe": "jpeg", "jfif": "jpeg", "apng": "png"}


class FailureExample(Body):
    """An image that failed."""

    index: int = Field(examples=[7])
    name: str = Field(examples=["IMG_2048.jpg"])


class FailureGroup(Body):
    """The images that failed for one cause."""

    code: str = Field(examples=["unreadable"], description=f"For programs: {', '.join(FailureCode)}.")

    sentence: str = Field(examples=[FailureCode.UNREADABLE.text.english])
    """For people."""

    images: int = Field(examples=[201])

    examples: tuple[FailureExample, ...]
    """Five at most, in the order of the upload; all are listed by `code` of `links.images`."""

    formats: Mapping[str, int] = Field(examples=[{"jpeg": 4, "png": 1}])
    """What the names of the examples say that they are."""

    formats_of: int = Field(examples=[5])
    """How many images `formats` is of."""

    retryable: bool = Field(examples=[False])
    """Whether another try may mend it by itself: it says nothing against the file."""

    @classmethod
    def of(cls, cause: FailureCause, language: Language) -> "FailureGroup":
        known = FailureCode.of_code(cause.code)
        formats = Counter(_format(entry.name) for entry in cause.examples)
        return cls(
            code=cause.code,
            sentence=known.text.in_language(language) if known else cause.code,
            images=cause.images,
            examples=tuple(FailureExample(index=entry.index, name=entry.name) for entry in cause.examples),
            formats=dict(formats.most_common()),
            formats_of=formats.total(),
            retryable=known is not None and known.retryable,
        )


class FailureList(Body):
    """Why images of a batch failed."""

    failures: tuple[FailureGroup, ...]
    """The cause of the most images first."""

    revoked_images: int = Field(examples=[0])
    """Images that were not developed because the batch was stopped; a retry develops them."""

    @classmethod
    def of(cls, batch: Batch, causes: Sequence[FailureCause], language: Language) -> "FailureList":
        groups = tuple(FailureGroup.of(cause, language) for cause in causes)
        return cls(failures=groups, revoked_images=batch.revoked_images)


def _format(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower().removeprefix(".")
    return _SAME.get(suffix, suffix) or "unknown"
