"""The JSON that the gateway answers with, field by field."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from services.gateway.failure_sentences import failure_codes, failure_sentence
from services.gateway.image_pages import ListedImage
from services.gateway.language import Language
from shared.documents import Batch, Print, Priority, Status

EXAMPLE_ID = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"

T = TypeVar("T")


def _without_offset(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


UtcTime = Annotated[
    datetime,
    # The contract's clients parse times without an offset or fractions, so the shape is part of the contract.
    PlainSerializer(_without_offset, return_type=str),
    WithJsonSchema({"type": "string", "example": "2025-01-15T10:30:00"}),
]
"""ISO 8601 in UTC, to the second, without an offset."""


def batch_path(batch_id: str) -> str:
    """The address of a batch."""
    return f"/pipeline/batch/{batch_id}"


class Body(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Envelope(Body, Generic[T]):
    """A successful answer."""

    success: Literal[True] = True
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

    success: Literal[False] = False
    error: Problem


class BatchLinks(Body):
    """Where more about the batch is found."""

    self: str = Field(examples=[batch_path(EXAMPLE_ID)])
    """Its status, for polling."""

    events: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/events"])
    """Its progress as Server-Sent Events."""

    images: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/images"])
    """Its images, page by page, with their prints."""

    @classmethod
    def of(cls, batch_id: str) -> "BatchLinks":
        """The links of a batch."""
        path = batch_path(batch_id)
        return cls(self=path, events=f"{path}/events", images=f"{path}/images")


class BatchAccepted(Body):
    """A batch that was recorded and will be developed."""

    context_id: str = Field(examples=[EXAMPLE_ID])
    """The batch's id."""

    message: str = Field(examples=["배치 파이프라인 시작됨: 100개 이미지"])
    """A sentence for people."""

    batch_id: str = Field(examples=[EXAMPLE_ID])
    """The same as `context_id`, under the name that the other answers use."""

    total_images: int = Field(examples=[100])
    links: BatchLinks


class BatchStatus(Body):
    """How far a batch has got."""

    batch_id: str = Field(examples=[EXAMPLE_ID])

    status: Status = Field(examples=["STARTED"])
    """PENDING, STARTED, then SUCCESS (every image completed), FAILURE (at least one failed) or REVOKED."""

    total_images: int = Field(examples=[100])
    completed_images: int = Field(examples=[45])
    failed_images: int = Field(examples=[2])

    progress_percentage: float = Field(examples=[47.0])
    """100 * (completed + failed) / total, cut to two decimals, so 100.0 means the end."""

    started_at: UtcTime | None
    """When developing began; null while PENDING."""

    estimated_time_remaining: float | None = Field(examples=[120.5])
    """Seconds, 0 at the end, null while unknown."""

    batch_name: str = Field(examples=["제주 여행"])
    recipe: str = Field(examples=["web"])
    priority: Priority = Field(examples=["normal"])
    chunk_size: int = Field(examples=[10])
    total_chunks: int = Field(examples=[10])
    completed_chunks: int = Field(examples=[4])
    failed_chunks: int = Field(examples=[0])
    revoked_images: int = Field(examples=[0])
    created_at: UtcTime
    finished_at: UtcTime | None = Field(examples=[None])

    version: int = Field(examples=[17])
    """Grows with every change; the id of the event that carried it."""

    links: BatchLinks

    @classmethod
    def of(cls, batch: Batch) -> "BatchStatus":
        """The status of a batch."""
        return cls(
            batch_id=batch.id,
            batch_name=batch.name,
            recipe=batch.recipe.name,
            progress_percentage=_progress_percentage(batch),
            estimated_time_remaining=_seconds_remaining(batch),
            links=BatchLinks.of(batch.id),
            **batch.model_dump(include=_AS_IN_THE_DOCUMENT),
        )


_AS_IN_THE_DOCUMENT = set(BatchStatus.model_fields) & set(Batch.model_fields) - {"recipe"}


class PrintLink(Body):
    """One stored print of an image."""

    output: str = Field(examples=["thumbnail"])
    """Its name in the recipe."""

    url: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/images/0/thumbnail"])
    media_type: str = Field(examples=["image/jpeg"])
    width: int = Field(examples=[320])
    height: int = Field(examples=[240])
    size_bytes: int = Field(examples=[18211])

    @classmethod
    def of(cls, batch_id: str, index: int, made: Print) -> "PrintLink":
        """The link to a print."""
        url = f"{batch_path(batch_id)}/images/{index}/{made.output}"
        return cls(url=url, **made.model_dump(exclude={"extension"}))


class ImageStatus(Body):
    """What was uploaded as one image, and what has become of it."""

    index: int = Field(examples=[0])
    """Its place in the upload, from 0."""

    name: str = Field(examples=["IMG_2041.jpg"])
    """The client's name for it."""

    size_bytes: int = Field(examples=[3120455])
    outcome: Literal["completed", "failed", "pending"] = Field(examples=["completed"])
    prints: tuple[PrintLink, ...] = ()

    code: str | None = Field(
        default=None, examples=[None], description=f"Why it failed, for programs: {', '.join(failure_codes())}."
    )

    message: str | None = Field(default=None, examples=[None])
    """Why it failed, for its owner."""

    @classmethod
    def of(cls, batch_id: str, image: ListedImage, language: Language) -> "ImageStatus":
        """The status of an image, with the reason of a failure in the language."""
        entry, outcome = image.entry, image.outcome
        return cls(
            index=entry.index,
            name=entry.name,
            size_bytes=entry.size_bytes,
            outcome=image.state,
            prints=tuple(PrintLink.of(batch_id, entry.index, made) for made in outcome.prints) if outcome else (),
            code=outcome.code if outcome else None,
            message=failure_sentence(outcome.code, outcome.message, language) if outcome else None,
        )


class ImageList(Body):
    """One page of a batch's images."""

    images: tuple[ImageStatus, ...]

    next_cursor: str | None = Field(examples=["100"])
    """Send it as `cursor` for the next page, which may be empty under a filter; null at the end."""


class Health(Body):
    """How the service is."""

    status: Literal["alive", "ready"]


def _progress_percentage(batch: Batch) -> float:
    ended = batch.completed_images + batch.failed_images
    return (10_000 * ended // batch.total_images) / 100


def _seconds_remaining(batch: Batch) -> float | None:
    if batch.is_finished:
        return 0.0
    if not batch.rate_images_per_second:
        return None
    return round(batch.pending_images / batch.rate_images_per_second, 1)
