"""What is recorded of a batch: one upload, and how far it has got."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from shared.costs import CostProfile, Estimate, Pace
from shared.documents.certainty import Mark
from shared.documents.chunk import Outcome, SealedChunks
from shared.documents.document import Document, Priority
from shared.documents.failure_counts import AccountedFailures, FailureCounts
from shared.documents.partial_retry import PartialRetry, Selection
from shared.recipes import RecordedRecipe

Status = Literal["PENDING", "STARTED", "SUCCESS", "FAILURE", "REVOKED"]
FINISHED: frozenset[Status] = frozenset({"SUCCESS", "FAILURE", "REVOKED"})

StopReason = Literal["cancelled", "failure_threshold"]

DEFAULT_FAILURE_SAMPLE = 20


class FailureThreshold(BaseModel):
    """When a batch fails wholesale: at `percent` failed of the images that ended, once at least `sample` have ended.

    Both are of the present generation.
    """

    model_config = ConfigDict(frozen=True)

    percent: float = Field(gt=0, le=100)
    sample: int = Field(default=DEFAULT_FAILURE_SAMPLE, ge=1)

    def is_reached(self, failed_images: int, ended_images: int) -> bool:
        """Whether these figures make the rest not worth developing."""
        return ended_images >= self.sample and 100 * failed_images >= self.percent * ended_images


def _of_this_generation(partial: PartialRetry | None, info: ValidationInfo) -> PartialRetry | None:
    # A gateway of a version without partial retries leaves it behind when it retries everything.
    return partial if partial and partial.generation == info.data.get("generation") else None


def chunks_of(images: int, chunk_size: int) -> int:
    """How many chunks so many images are cut into."""
    # Division of the negative rounds up.
    return -(-images // chunk_size)


class BatchRecord(Document):
    """One upload and how far it has got; the gateway's answers are made from it.

    It is also the outbox: what was not published yet can be seen in it, and is published again.
    """

    id: str
    name: str
    owner: str = "local"
    """Whose it is: owners of one lane get equal shares of the workers."""
    recipe: RecordedRecipe
    priority: Priority = "normal"
    """Of the chunks that are released from now on; each chunk keeps the one that it was published with."""
    chunk_size: int
    total_images: int
    total_chunks: int = Field(default_factory=lambda data: chunks_of(data["total_images"], data["chunk_size"]))
    """The last may be smaller than `chunk_size`."""
    status: Status = "PENDING"
    version: int = 0
    generation: int = 0
    """A retry opens a new generation. All counts of chunks are of the present one."""
    submissions: int = 0
    """How often the chunker was to begin again: at each retry, and after each pause."""
    first_chunk: int = 0
    """The number of the generation's first chunk."""
    carried_images: int = 0
    """Completed in earlier generations; part of `completed_images`."""
    completed_images: int = 0
    failed_images: int = 0
    failure_codes: AccountedFailures = Field(default={}, validate_default=True)
    revoked_images: int = 0
    completed_chunks: int = 0
    failed_chunks: int = 0
    released_chunks: int = 0
    """How many chunks of this generation are published."""
    planned_images: int = 0
    """In a later generation: the index up to which its images are in published chunks."""
    sealed: SealedChunks = SealedChunks()
    partial: Annotated[PartialRetry | None, AfterValidator(_of_this_generation)] = None
    """Null in a generation of everything that had failed or was revoked, as all are that know nothing of this."""
    remade: Mapping[str, int] = Field(default_factory=dict)
    """Images that were retried by their indexes, each with the generation in which that was last asked for: what
    earlier ones made of it counts no more."""
    paused: bool = False
    stop: StopReason | None = None
    """Why the batch ends early; it finishes once everything without an outcome is revoked."""
    stopped_at: datetime | None = None
    failure_threshold: FailureThreshold | None = None
    idempotency_key: str | None = None
    request_fingerprint: str | None = None
    was_draft: bool = False
    """Its originals lie where the manifest's entries say, and not under their indexes."""
    rate_images_per_second: float | None = None
    """Measured since `progressed_at`: the last progress, or the end of a pause after it. For a batch without a cost
    profile, and for gateways of the version before."""
    cost_profile: CostProfile | None = None
    """What the images were predicted to cost when the batch was recorded; null where an earlier version did that."""
    pace: Pace = Pace()
    """Predicted milliseconds of cost that ended, by seconds."""
    estimate: Estimate | None = None
    """The time left, made from the counts in the same write; null before there are any."""
    marks: tuple[Mark, ...] = ()
    """What was told on the way, to be compared with the end."""
    created_at: datetime
    updated_at: datetime = Field(default_factory=lambda data: data["created_at"])
    dispatched_at: datetime | None = None
    """Null until the broker has confirmed the message to the chunker."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progressed_at: datetime | None = None
    proof_expires_at: datetime | None = None
    """Set, it makes this a proof: it is not listed nor counted in statistics, and is deleted at this time. A gateway of
    a version before this one lists it and keeps it."""
    deleted_at: datetime | None = None
    """Set, it makes this a tombstone: the id stays taken while what is stored of the batch goes."""
    emptied_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing will happen to this batch by itself any more."""
        return self.status in FINISHED

    @property
    def is_proof(self) -> bool:
        """Whether a recipe is being tried out with it."""
        return self.proof_expires_at is not None

    @property
    def may_be_developed(self) -> bool:
        """Whether images of this batch may be begun now."""
        return not (self.is_finished or self.paused or self.stop)

    def has_kept(self, index: int, outcome: Outcome, generation: int) -> bool:
        """Whether an image's outcome of that generation, the last to give it one, stood when the present one began.

        Otherwise it was retried in between, and revoked before it came into a chunk.
        """
        was_retried = self.partial is not None and self.partial.was_retried(outcome, generation)
        return generation >= self.remade.get(str(index), 0) and not was_retried

    def retries(self, index: int, outcome: Outcome) -> bool:
        """Whether an image with that outcome when the present generation began is developed in it."""
        if self.remade.get(str(index)) == self.generation:
            return True
        return outcome.result in self.partial.codes if self.partial else outcome.state != "completed"

    def is_retry_of(self, selection: Selection | None) -> bool:
        """Whether the present generation was opened by a retry of these images: of everything if that is None."""
        if self.partial is None or selection is None:
            return self.partial is None and selection is None
        indexes = {int(index) for index, generation in self.remade.items() if generation == self.generation}
        return set(self.partial.codes) == selection.codes and indexes == selection.indexes

    @property
    def carried_failure_codes(self) -> FailureCounts:
        """Images that failed in earlier generations and are not retried in the present one, by code."""
        return self.partial.carried_failure_codes if self.partial else {}

    @property
    def carried_revoked_images(self) -> int:
        """Images that were revoked in earlier generations and are not retried in the present one."""
        return self.partial.carried_revoked_images if self.partial else 0

    @property
    def ended_images(self) -> int:
        """Images that have an outcome."""
        return self.completed_images + self.failed_images + self.revoked_images

    @property
    def pending_images(self) -> int:
        """Images without an outcome yet; with `ended_images` always the total."""
        return self.total_images - self.ended_images

    @property
    def is_paced(self) -> bool:
        """Whether images of it have ended lately, so that its pace says what it gets."""
        return self.estimate is not None and self.estimate.state == "good"

    @property
    def settled_chunks(self) -> int:
        """Chunks of this generation that have ended with all their images developed or failed."""
        return self.completed_chunks + self.failed_chunks

    @property
    def fails_wholesale(self) -> bool:
        """Whether so many images of this generation failed that the rest is not worth developing."""
        failed = self.failed_images - sum(self.carried_failure_codes.values())
        ended = self.completed_images - self.carried_images + failed
        return self.failure_threshold is not None and self.failure_threshold.is_reached(failed, ended)
