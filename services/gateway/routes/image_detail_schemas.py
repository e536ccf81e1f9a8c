"""The JSON that the gateway answers with about one image alone, field by field."""

from pydantic import Field

from services.gateway.answers.envelope import Body
from services.gateway.collecting.image_pages import ImageHistory, OutcomeFilter
from services.gateway.routes.image_schemas import ImageStatus
from shared.documents import Batch, Chunk, Outcome
from shared.failure_codes import FailureCode, failure_sentence
from shared.translated import Language


class ChunkOfImage(Body):
    """The chunk that an image was in last."""

    number: int = Field(examples=[7])
    attempts: int = Field(examples=[1])
    """How often a worker has begun it."""


class PastOutcome(Body):
    """How an image ended in one generation."""

    generation: int = Field(examples=[0])
    state: OutcomeFilter = Field(examples=["failed"])
    code: str | None = Field(examples=["timeout"])
    message: str | None = Field(examples=[FailureCode.TIMEOUT.text.english])

    @classmethod
    def of(cls, chunk: Chunk, outcome: Outcome, language: Language) -> "PastOutcome":
        message = failure_sentence(outcome.code, outcome.message, language)
        return cls(generation=chunk.generation, state=outcome.state, code=outcome.code, message=message)


class ImageDetail(ImageStatus):
    """All that is known of one image."""

    worker: str | None = Field(examples=["host-1"])
    """The worker that developed it, or tried to; null before that."""

    duration_ms: int | None = Field(examples=[212])
    """From reading the original to the last stored print, or to the failure; null until it has ended, or if nothing was
    tried."""

    generation: int | None = Field(examples=[0])
    """The generation that its outcome comes from; null while it has none."""

    chunk: ChunkOfImage | None
    """The chunk that it was in last; null before it is in any."""

    history: tuple[PastOutcome, ...]
    """How it ended each time it was developed, the oldest first."""

    previous: int | None = Field(examples=[None])
    """The index before it; null for the first image."""

    next: int | None = Field(examples=[1])
    """The index after it; null for the last image."""

    @classmethod
    def detailed(cls, batch: Batch, found: ImageHistory, language: Language) -> "ImageDetail":
        """Everything about an image, with the reasons of failures in the language."""
        image, outcome, index = found.image, found.image.outcome, found.image.entry.index
        last = found.chunks[-1] if found.chunks else None
        return cls(
            **dict(ImageStatus.of(batch.id, image, language)),
            worker=outcome.worker or None if outcome else None,
            duration_ms=outcome.duration_ms or None if outcome else None,
            generation=next((chunk.generation for chunk, made in reversed(found.outcomes) if made == outcome), None),
            chunk=ChunkOfImage(number=last.number, attempts=last.attempts) if last else None,
            history=tuple(PastOutcome.of(chunk, made, language) for chunk, made in found.outcomes),
            previous=index - 1 if index else None,
            next=index + 1 if index + 1 < batch.total_images else None,
        )
