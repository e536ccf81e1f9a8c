"""What is remembered of a finished generation of a batch after the batch itself is deleted."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from shared.documents.batch_record import BatchRecord, Status
from shared.documents.document import Document, Priority
from shared.documents.failure_counts import FailureCounts, accounted

FACTS_KEPT_SECONDS = 400 * 24 * 3600
"""Facts are forgotten 400 days after the end of their generation."""

_MILLISECOND = timedelta(milliseconds=1)


class BatchFacts(Document):
    """How one generation of a batch ended; all counts are of this generation alone.

    The service that finishes the batch writes it, just before the batch's own document says so. It holds no name of a
    batch, an image or a person, and stays when the batch is deleted.
    """

    batch_id: str
    generation: int = 0
    recipe: str
    priority: Priority
    status: Status
    finished_at: datetime
    completed_images: int = 0
    failed_images: int = 0
    failure_codes: FailureCounts = Field(default_factory=dict)
    revoked_images: int = 0
    wait_ms: int | None = None
    """From the upload's end to the first image; null for a retry, of which only the end is recorded."""
    run_ms: int | None = None
    """From the first image to the end; null for a retry."""

    @classmethod
    def of(cls, batch: BatchRecord) -> Self:
        """The facts of a finished batch's present generation."""
        finished_at = batch.finished_at or batch.updated_at
        started_at = batch.started_at or finished_at
        is_first = batch.generation == 0
        failures = Counter(batch.failure_codes) - Counter(batch.carried_failure_codes)
        failed_images = batch.failed_images - sum(batch.carried_failure_codes.values())
        return cls(
            batch_id=batch.id,
            generation=batch.generation,
            recipe=batch.recipe.name,
            priority=batch.priority,
            status=batch.status,
            finished_at=finished_at,
            completed_images=batch.completed_images - batch.carried_images,
            failed_images=failed_images,
            failure_codes=accounted(dict(failures), failed_images),
            revoked_images=batch.revoked_images - batch.carried_revoked_images,
            wait_ms=_milliseconds(batch.created_at, started_at) if is_first else None,
            run_ms=_milliseconds(started_at, finished_at) if is_first else None,
        )

    @property
    def id(self) -> str:
        return f"{self.batch_id}|{self.generation}"


class FactSums(BaseModel):
    """Sums over the generations of one recipe that ended in one way; the times are of `timed_batches` of them."""

    model_config = ConfigDict(frozen=True)

    recipe: str
    status: Status
    batches: int = 0
    completed_images: int = 0
    failed_images: int = 0
    revoked_images: int = 0
    timed_batches: int = 0
    wait_ms: int = 0
    run_ms: int = 0

    def plus(self, facts: BatchFacts) -> Self:
        added = {
            "batches": 1,
            "completed_images": facts.completed_images,
            "failed_images": facts.failed_images,
            "revoked_images": facts.revoked_images,
            "timed_batches": int(facts.run_ms is not None),
            "wait_ms": facts.wait_ms or 0,
            "run_ms": facts.run_ms or 0,
        }
        return self.model_copy(update={name: getattr(self, name) + count for name, count in added.items()})


def _milliseconds(start: datetime, end: datetime) -> int:
    # The clocks of two services may differ.
    return max(0, (end - start) // _MILLISECOND)
