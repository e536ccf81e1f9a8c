"""What is recorded of a batch: one upload, and how far it has got."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.documents.chunk import SealedChunks
from shared.documents.document import Document, Priority
from shared.documents.failure_threshold import FailureThreshold
from shared.recipes import RecordedRecipe

Status = Literal["PENDING", "STARTED", "SUCCESS", "FAILURE", "REVOKED"]
FINISHED: frozenset[Status] = frozenset({"SUCCESS", "FAILURE", "REVOKED"})

StopReason = Literal["cancelled", "failure_threshold"]


class BatchRecord(Document):
    """One upload and how far it has got; the gateway's answers are made from it.

    It is also the outbox: `dispatched_at` is null until the chunker's message is confirmed, and `released_chunks`
    says how far chunking got, so whatever was not published is seen here and published again.

    A retry opens a new `generation`, whose chunks have the numbers from `first_chunk` on. All counts of chunks are of
    the present generation; `carried_images` were completed in earlier ones and are part of `completed_images`.
    `submissions` counts how often the chunker was to be told of it again: at each retry, and after each pause.
    `planned_images` is the index up to which a later generation's images are in released chunks.

    `remade` has the images that were to be developed again although they were completed, or perhaps were, and the
    generation of which that was asked last: what an earlier generation made of them counts no more.

    `rate_images_per_second` is measured since `progressed_at`: the last progress, or the end of a pause after it.

    `stop` says that the batch ends early, and why; it finishes when everything without an outcome is revoked.

    With `deleted_at` it is a tombstone: it keeps its id taken while what is stored of it goes.
    """

    id: str
    name: str
    recipe: RecordedRecipe
    priority: Priority = "normal"
    chunk_size: int
    total_images: int
    total_chunks: int
    status: Status = "PENDING"
    version: int = 0
    generation: int = 0
    submissions: int = 0
    first_chunk: int = 0
    carried_images: int = 0
    completed_images: int = 0
    failed_images: int = 0
    revoked_images: int = 0
    completed_chunks: int = 0
    failed_chunks: int = 0
    released_chunks: int = 0
    planned_images: int = 0
    sealed: SealedChunks = SealedChunks()
    remade: Mapping[str, int] = Field(default_factory=dict)
    paused: bool = False
    stop: StopReason | None = None
    stopped_at: datetime | None = None
    failure_threshold: FailureThreshold | None = None
    idempotency_key: str | None = None
    request_fingerprint: str | None = None
    rate_images_per_second: float | None = None
    created_at: datetime
    updated_at: datetime
    dispatched_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progressed_at: datetime | None = None
    deleted_at: datetime | None = None
    emptied_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing will happen to this batch by itself any more."""
        return self.status in FINISHED

    @property
    def may_be_developed(self) -> bool:
        """Whether images of this batch may be begun now."""
        return not (self.is_finished or self.paused or self.stop)

    def is_carried(self, index: int, generation: int) -> bool:
        """Whether what that generation completed of an image still counts in the present one."""
        return generation >= self.remade.get(str(index), 0)

    @property
    def ended_images(self) -> int:
        """Images that have an outcome."""
        return self.completed_images + self.failed_images + self.revoked_images

    @property
    def pending_images(self) -> int:
        """Images without an outcome yet; with `ended_images` always the total."""
        return self.total_images - self.ended_images

    @property
    def settled_chunks(self) -> int:
        """Chunks of this generation that have ended with all their images developed or failed."""
        return self.completed_chunks + self.failed_chunks

    @property
    def fails_wholesale(self) -> bool:
        """Whether so many images of this generation failed that the rest is not worth developing."""
        ended = self.completed_images - self.carried_images + self.failed_images
        return self.failure_threshold is not None and self.failure_threshold.is_reached(self.failed_images, ended)
