"""What a worker and an image child send each other: frames of JSON, with the bytes of images behind them.

A request is its id, the lengths of its JSON and of the image, and both. An answer is the id again, the length of its
JSON, the JSON, and the bytes of the prints that it announces. Nothing in a frame names code or is executed, and the
worker reads no more of a child's answer than it has checked: a hostile image may have taken the child over.
"""

import struct
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from services.worker.children.limits import ChildLimits
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.prints import DevelopedImage, EncodedPrint
from shared.costs import MAX_COST_MS
from shared.documents import MAX_STAGES, Readings
from shared.failure_codes import FailureCode
from shared.image_types import ImageFormat
from shared.recipes import Recipe

REQUEST_ID_BYTES = 16
REQUEST_PREFIX = struct.Struct(f">{REQUEST_ID_BYTES}sIQ")
ANSWER_PREFIX = struct.Struct(f">{REQUEST_ID_BYTES}sI")

MAX_ANSWER_JSON_BYTES = 32 * 1024
"""Readings, most of it, come to some 14 KiB; a result message may have 64 KiB in all."""

_MAX_SENTENCE_CHARACTERS = 1000
_MAX_TRACEBACK_CHARACTERS = 4000

# The decoder counts no further.
_MAX_FRAMES = 10_000


class WrongAnswerError(Exception):
    """A child's answer is not one to the request, so the child is no longer to be trusted."""


class _Part(BaseModel):
    # Parent and child are of one version: an unknown field is a bug or an attack.
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChildConfig(_Part):
    """A child's first request. `work` names a function, `module:function`; `parent` is the parent's process id."""

    work: str
    parent: int
    limits: ChildLimits


class AnnouncedPrint(_Part):
    """One print, whose bytes follow in the order of the recipe's outputs."""

    output: str
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    size_bytes: int = Field(ge=1)


class Ready(_Part):
    """The answer to the first request."""

    kind: Literal["ready"] = "ready"


CpuTime = Annotated[int, Field(ge=0, le=MAX_COST_MS)]
"""Whole milliseconds of processor time, at most what an image can cost at all."""


def _encodable(text: str) -> str:
    # A file name or a decoder's word in it may not be UTF-8.
    return text.encode(errors="replace").decode()


class Rejected(_Part):
    """The image cannot be developed; `traceback` if the fault is not the image's."""

    kind: Literal["rejected"] = "rejected"
    code: FailureCode
    message: str = Field(max_length=_MAX_SENTENCE_CHARACTERS)
    traceback: str = Field(default="", max_length=_MAX_TRACEBACK_CHARACTERS)
    cpu_ms: CpuTime

    @classmethod
    def of(cls, rejected: ImageRejected, cpu_ms: int) -> Self:
        """Give what an error says, and the traceback that is noted on it."""
        notes = "\n".join(getattr(rejected, "__notes__", ()))
        return cls(
            code=rejected.code,
            message=_encodable(rejected.message[:_MAX_SENTENCE_CHARACTERS]),
            traceback=_encodable(notes[-_MAX_TRACEBACK_CHARACTERS:]),
            cpu_ms=cpu_ms,
        )


StageName = Annotated[str, StringConstraints(pattern=r"^[\w:-]{1,80}$")]
StageTime = Annotated[float, Field(ge=0, le=1e9)]


class Developed(_Part):
    """The fields of a `DevelopedImage`, with prints whose bytes follow."""

    kind: Literal["developed"] = "developed"
    prints: tuple[AnnouncedPrint, ...]
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    format: ImageFormat
    timings_ms: dict[StageName, StageTime] = Field(max_length=MAX_STAGES)
    notes: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")], ...]
    frames: int = Field(ge=1, le=_MAX_FRAMES)
    readings: Readings | None
    cpu_ms: CpuTime

    @classmethod
    def announcing(cls, developed: DevelopedImage) -> Self:
        """Announce the prints of a developed image."""
        prints = tuple(AnnouncedPrint.model_validate(made, from_attributes=True) for made in developed.outputs)
        return cls.model_validate({"prints": prints} | {name: getattr(developed, name) for name in _FACTS})

    def with_prints(self, outputs: Iterable[EncodedPrint]) -> DevelopedImage:
        """Give what was announced, with its prints."""
        return DevelopedImage(outputs=tuple(outputs), **{name: getattr(self, name) for name in _FACTS})


_FACTS = Developed.model_fields.keys() - {"kind", "prints"}

Answer = Ready | Rejected | Developed
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="kind")])


def dump_answer(answer: Answer) -> bytes:
    """Give an answer's JSON."""
    return _ANSWER.dump_json(answer)


def read_answer(data: bytes | bytearray) -> Answer:
    """Read an answer's JSON; raises WrongAnswerError."""
    try:
        answer = _ANSWER.validate_json(data)
    except ValidationError as error:
        kinds = sorted({line["type"] for line in error.errors(include_url=False, include_input=False)})
        raise WrongAnswerError(f"its JSON is wrong: {', '.join(kinds)}") from None
    # Readings also tolerate fields that they do not know, and numbers that JSON does not: here there are none.
    if _ANSWER.dump_json(answer) != data:
        raise WrongAnswerError("its JSON is not what an answer becomes")
    return answer


def check_developed(answer: Developed, recipe: Recipe, limits: ChildLimits) -> None:
    """Raise WrongAnswerError unless the prints are those that were asked for, within their limits."""
    if [announced.output for announced in answer.prints] != [output.name for output in recipe.outputs]:
        raise WrongAnswerError("its prints are not the recipe's outputs")
    for announced, output in zip(answer.prints, recipe.outputs, strict=True):
        pixels = announced.width * announced.height
        if max(announced.width, announced.height) > limits.max_print_side or pixels > limits.max_pixels_of_print(
            output.format
        ):
            raise WrongAnswerError("it has a print that is larger than allowed")
    if sum(announced.size_bytes for announced in answer.prints) > limits.child_file_bytes:
        raise WrongAnswerError("its prints have more bytes than allowed")
    if max(answer.width, answer.height) > limits.max_side or answer.width * answer.height > limits.max_declared_pixels:
        raise WrongAnswerError("its original is larger than allowed")
