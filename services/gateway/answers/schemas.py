"""The JSON that the gateway answers with about batches, field by field."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from services.gateway.answers.addresses import batch_path
from services.gateway.answers.batch_time_left import time_left
from services.gateway.answers.envelope import BOOLEAN, Body, ContractTime, Envelope
from shared.costs import EstimateState
from shared.documents import Batch, Priority, Status, StopReason
from shared.translated import Language, Translated

_STARTED = Translated("배치 파이프라인 시작됨: {total}개 이미지", "Batch pipeline started: {total} images")

EXAMPLE_ID = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"


class BatchLinks(Body):
    """Where more about the batch is found."""

    self: str = Field(examples=[batch_path(EXAMPLE_ID)])
    """Its status, for polling."""

    events: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/events"])
    """Its progress as Server-Sent Events."""

    images: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/images"])
    """Its images, page by page, with their prints."""

    archive: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/archive"])
    """All its prints as a ZIP file, once it has finished."""

    contact_sheet: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/contact-sheet"])
    """Its images on one page, to look at or print."""

    @classmethod
    def of(cls, batch_id: str) -> "BatchLinks":
        path = batch_path(batch_id)
        further = {name: f"{path}/{name.replace('_', '-')}" for name in cls.model_fields if name != "self"}
        return cls(self=path, **further)


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

    @classmethod
    def of(cls, batch: Batch, language: Language) -> "BatchAccepted":
        """The answer to the upload of a batch, the same at each repetition."""
        return cls(
            context_id=batch.id,
            message=_STARTED.in_language(language, {"total": batch.total_images}),
            batch_id=batch.id,
            total_images=batch.total_images,
            links=BatchLinks.of(batch.id),
        )


class BatchControls(Body):
    """What may be asked of the batch in its present state, and where; null for what would change nothing.

    All are POSTed to but `delete`, which is the batch's own address and takes a DELETE.
    """

    cancel: str | None = Field(examples=[f"{batch_path(EXAMPLE_ID)}/cancel"])
    """Stop it for good."""

    pause: str | None = Field(examples=[f"{batch_path(EXAMPLE_ID)}/pause"])
    """Hold it."""

    resume: str | None = Field(examples=[None])
    """Go on after a pause."""

    retry: str | None = Field(examples=[None])
    """Develop what failed or was revoked again."""

    priority: str | None = Field(examples=[f"{batch_path(EXAMPLE_ID)}/priority"])
    """Move it to another lane, which changes nothing if it is in that lane already."""

    delete: str | None = Field(examples=[None])
    """Remove it with everything that is stored of it."""

    @classmethod
    def of(cls, batch: Batch) -> "BatchControls":
        fitting = {
            "cancel": not (batch.is_finished or batch.stop),
            "pause": batch.may_be_developed,
            "resume": batch.paused and not batch.is_finished,
            "retry": batch.is_finished and bool(batch.failed_images + batch.revoked_images),
            "priority": not (batch.is_finished or batch.stop),
        }
        path = batch_path(batch.id)
        links = {name: f"{path}/{name}" if fits else None for name, fits in fitting.items()}
        return cls(**links, delete=path if batch.is_finished or batch.stop else None)


class BatchDeleted(Body):
    """A batch that is no more."""

    batch_id: str = Field(examples=[EXAMPLE_ID])
    deleted: Annotated[Literal[True], BOOLEAN] = True


class BatchStatus(Body):
    """How far a batch has got."""

    batch_id: str = Field(examples=[EXAMPLE_ID])

    status: Status = Field(examples=["STARTED"])
    """PENDING, STARTED, then SUCCESS (every image completed), FAILURE (at least one failed) or REVOKED (cancelled; or
    none failed, and a retry of others left some revoked)."""

    total_images: int = Field(examples=[100])
    completed_images: int = Field(examples=[45])
    failed_images: int = Field(examples=[2])

    failure_codes: Mapping[str, int] = Field(examples=[{"unreadable": 2}])
    """Failed images by code, `failed_images` in all; `unrecorded` are those that an earlier version counted."""

    progress_percentage: float = Field(examples=[47.0])
    """100 * (completed + failed) / total, cut to two decimals, so 100.0 means the end."""

    started_at: ContractTime | None
    """When developing first began; null until then."""

    estimated_time_remaining: float | None = Field(examples=[120.5])
    """Seconds, 0 at the end; null while unknown, paused, stalled or stopping. Of a batch that waits for its turn it is
    the time to its end."""

    estimated_range: Annotated[list[float], Field(min_length=2, max_length=2)] | None = Field(examples=[[98.2, 147.0]])
    """Seconds between which the time left is in 80 of 100 cases; null where that is not known."""

    estimate_state: EstimateState | None = Field(examples=["good"])
    """What the estimate rests on: `waiting` for its turn, `measuring` the first images, `good`; or why there is none:
    `paused`, `stalled` as nothing ends any more. Null when finished or stopping."""

    batch_name: str = Field(examples=["제주 여행"])
    recipe: str = Field(examples=["web"])
    priority: Priority = Field(examples=["normal"])
    chunk_size: int = Field(examples=[10])
    total_chunks: int = Field(examples=[10])
    completed_chunks: int = Field(examples=[4])
    failed_chunks: int = Field(examples=[0])

    revoked_images: int = Field(examples=[0])
    """Images that were not developed because the batch was stopped; with them, every image of the total has ended."""

    paused: bool = Field(examples=[False])
    """Whether nothing of it is begun until it is resumed; `status` does not change by that."""

    stop_reason: StopReason | None = Field(examples=[None])
    """Why it ends or ended early: `cancelled`, or `failure_threshold` when too many images failed; else null."""

    stopped_at: ContractTime | None = Field(examples=[None])
    """Since when it has been ending early."""

    generation: int = Field(examples=[0])
    """How often it was retried; counts of chunks are those of this generation."""

    failure_threshold: float | None = Field(examples=[None])
    """It fails as a whole when this percentage of the images that ended has failed; null when it never does."""

    failure_sample: int | None = Field(examples=[None])
    """So many images must have ended before `failure_threshold` is looked at; null without one."""

    created_at: ContractTime
    finished_at: ContractTime | None = Field(examples=[None])

    version: int = Field(examples=[17])
    """Grows with every change; the id of the event that carried it."""

    links: BatchLinks
    controls: BatchControls

    @classmethod
    def of(cls, batch: Batch) -> "BatchStatus":
        threshold = batch.failure_threshold
        return cls(
            batch_id=batch.id,
            batch_name=batch.name,
            recipe=batch.recipe.name,
            progress_percentage=_progress_percentage(batch),
            **time_left(batch),
            stop_reason=batch.stop,
            failure_threshold=threshold.percent if threshold else None,
            failure_sample=threshold.sample if threshold else None,
            links=BatchLinks.of(batch.id),
            controls=BatchControls.of(batch),
            **batch.model_dump(include=_SAME_IN_DOCUMENT),
        )


_SAME_IN_DOCUMENT = {
    "status",
    "total_images",
    "completed_images",
    "failed_images",
    "failure_codes",
    "started_at",
    "priority",
    "chunk_size",
    "total_chunks",
    "completed_chunks",
    "failed_chunks",
    "revoked_images",
    "paused",
    "stopped_at",
    "generation",
    "created_at",
    "finished_at",
    "version",
}
"""Fields that are published as they are recorded: a new field of the document is none until it is named here."""


class BatchListEnvelope(Envelope[list[BatchStatus]]):
    """A page of the list of batches."""

    next_cursor: str | None = None


class Health(Body):
    """How the service is."""

    status: Literal["alive", "ready"]


def _progress_percentage(batch: Batch) -> float:
    ended = batch.completed_images + batch.failed_images
    # Cut in whole numbers: rounding would show 100.0 before the end.
    return (10_000 * ended // batch.total_images) / 100
