"""What the JSON of all answers has in common: the envelope, errors, and times."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

T = TypeVar("T")

BOOLEAN = WithJsonSchema({"type": "boolean"})
"""In the documentation: generators of clients make nothing that works of a boolean that is constant."""


def _without_offset(moment: datetime, timespec: str = "seconds") -> str:
    return moment.replace(tzinfo=None).isoformat(timespec=timespec)


ContractTime = Annotated[
    datetime,
    # The contract's clients parse times without an offset or fractions, so the shape is part of the contract.
    PlainSerializer(_without_offset, return_type=str),
    WithJsonSchema({"type": "string", "example": "2025-01-15T10:30:00"}),
]
"""ISO 8601 in UTC, to the second, without an offset: for the fields that have always been so, and for no others."""

Instant = Annotated[
    datetime,
    PlainSerializer(lambda moment: f"{_without_offset(moment)}Z", return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "example": "2025-01-15T10:30:00Z"}),
]
"""ISO 8601 in UTC, to the second, ending in Z."""

PreciseInstant = Annotated[
    datetime,
    PlainSerializer(lambda moment: f"{_without_offset(moment, 'milliseconds')}Z", return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "example": "2025-01-15T10:30:00.250Z"}),
]
"""ISO 8601 in UTC, to the millisecond, ending in Z: for what often takes less than a second."""


class Body(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Envelope(Body, Generic[T]):
    """A successful answer."""

    # It has none, and pydantic would look for them where the type is named, in code that it cannot always read.
    model_config = ConfigDict(use_attribute_docstrings=False)

    success: Annotated[Literal[True], BOOLEAN] = True
    data: T


class Problem(Body):
    """What went wrong."""

    code: str = Field(examples=["batch_not_found"])
    """Stable, for programs."""

    message: str = Field(examples=["이 ID의 배치가 없습니다. GET /pipeline/batch 목록에서 ID를 확인해 주세요."])
    """A sentence for people, in Korean, or in English when Accept-Language prefers it."""

    details: Any = None
    """More about it where there is more to say; its shape depends on the code."""


class ErrorEnvelope(Body):
    """An answer to a request that could not be served."""

    success: Annotated[Literal[False], BOOLEAN] = False
    error: Problem
