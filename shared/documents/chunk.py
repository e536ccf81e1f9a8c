"""Chunks: some images of a batch that travel together, what became of each, and who has them in hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.documents.document import Document, Priority
from shared.documents.failure_counts import UNRECORDED, AccountedFailures, FailureCounts, failure_counts, summed
from shared.documents.original import Original

MAX_STAGES = 64
"""Most stages whose times are recorded of an image."""

SUPPOSED_IMAGE_MS = 100
"""Processor time of an image of which nothing is predicted."""


def chunk_id(batch_id: str, number: int) -> str:
    """The id of a batch's chunk: the same each time the batch is planned."""
    return f"{batch_id}:{number}"


class Print(BaseModel):
    """One stored output of one image. `size_bytes` and the pixels' `width` and `height` are of the print.

    `generation` is the one in which it was made; it is part of the print's key. `sha256` is that of its bytes in
    hexadecimal; null if it was made before that was recorded.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    output: str
    extension: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    generation: int = 0
    sha256: str | None = None


StageTimes = Mapping[Annotated[str, Field(max_length=80)], Annotated[int, Field(ge=0, le=2**31)]]
"""Whole milliseconds by stage: `decode`, `0:resize` for a step, `print:web` for an output; none below half a one."""


class Outcome(BaseModel):
    """How one image ended: completed with its prints, failed with a stable code and a sentence, or revoked.

    `original`: what was found out about a completed image; null if it was developed before that was recorded.
    `timings_ms`: how long each stage of a completed image took; empty if it was developed before that was recorded.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: Literal["completed", "failed", "revoked"]
    prints: tuple[Print, ...] = ()
    original: Original | None = None
    code: str | None = None
    message: str | None = None
    duration_ms: int = 0
    timings_ms: StageTimes = Field(default={}, max_length=MAX_STAGES)
    worker: str = ""

    @property
    def result(self) -> str:
        """The code of a failure, or else the state."""
        return (self.code or UNRECORDED) if self.state == "failed" else self.state


REVOKED = Outcome(state="revoked")
"""The outcome of an image that was not developed because its batch was stopped."""


class ChunkTotals(BaseModel):
    """Sums over chunks of one generation of a batch. Each settled chunk is completed, failed or revoked."""

    model_config = ConfigDict(frozen=True)

    completed_images: int = 0
    failed_images: int = 0
    failure_codes: AccountedFailures = Field(default={}, validate_default=True)
    revoked_images: int = 0
    completed_chunks: int = 0
    failed_chunks: int = 0
    revoked_chunks: int = 0

    @property
    def settled_chunks(self) -> int:
        """Chunks that have ended, in whichever way."""
        return self.completed_chunks + self.failed_chunks + self.revoked_chunks

    def plus(self, other: "ChunkTotals") -> "ChunkTotals":
        counters = ChunkTotals.model_fields.keys() - {"failure_codes"}
        return ChunkTotals(
            **{name: getattr(self, name) + getattr(other, name) for name in counters},
            failure_codes=summed([(self.failure_codes, 1), (other.failure_codes, 1)]),
        )


class SealedChunks(ChunkTotals):
    """Sums over the generation's chunks before number `through`, all settled and so never to change again.

    They are kept so that a roll-up reads only the chunks after them, however large the batch.
    """

    through: int = 0


class Chunk(Document):
    """Some images of a batch that travel in one message, and what became of each."""

    batch_id: str
    number: int
    generation: int = 0
    priority: Priority = "normal"
    """This and the three that follow are what it was first published with."""
    owner: str = ""
    cost_ms: int = 0
    """The processor time that its images were predicted to take together; 0 where an earlier version did not."""
    express: bool = False
    indexes: tuple[int, ...]
    outcomes: Mapping[str, Outcome] = Field(default_factory=dict)
    completed: int = 0
    """This and the two that follow are derived from `outcomes` in every write, so that sums are read from an index."""
    failed: int = 0
    revoked: int = 0
    failure_codes: FailureCounts = Field(default_factory=dict)
    """Derived as well; out of step with `failed` where a version without it has folded last."""
    settled: bool = False
    gave_up: bool = False
    """The chunk itself failed, and its remaining images with it."""
    attempts: int = 0
    retries: int = 0
    """How often it was put off because one of its images failed for now."""
    losses: int = 0
    """Workers that were lost while they held the chunk."""
    suspect: int | None = None
    """The image that the present worker develops alone."""
    suspicions: Mapping[str, int] = Field(default_factory=dict)
    """For each image, the workers that were lost while they developed it alone."""
    worker: str | None = None
    lease_until: datetime
    """Past this moment the reconciler sends the chunk again."""
    not_before: datetime | None = None
    """The end of a retry's backoff: nothing may claim the chunk before."""
    released_at: datetime | None = None
    """When it was planned. As the two that follow, null where an earlier version did that."""
    claimed_at: datetime | None = None
    """When it was claimed last."""
    settled_at: datetime | None = None

    @property
    def id(self) -> str:
        return chunk_id(self.batch_id, self.number)

    @property
    def supposed_cost_ms(self) -> int:
        """The predicted cost, or what so many images are supposed to cost."""
        return self.cost_ms or SUPPOSED_IMAGE_MS * len(self.indexes)

    @property
    def unfinished_indexes(self) -> tuple[int, ...]:
        """The images that have no outcome yet, in order."""
        return tuple(index for index in self.indexes if str(index) not in self.outcomes)

    @property
    def unexplained_losses(self) -> int:
        """Workers that were lost with the chunk in hand while no image of it was the suspect."""
        return self.losses - sum(self.suspicions.values())

    def indexes_failed_with(self, code: str) -> tuple[int, ...]:
        """The images whose recorded failure has that code, in order."""
        return tuple(
            index
            for index in self.indexes
            if (outcome := self.outcomes.get(str(index))) and (outcome.state, outcome.code) == ("failed", code)
        )

    def backs_off(self, now: datetime) -> bool:
        """Whether it waits out a retry's backoff, so that it may not be claimed yet."""
        return self.not_before is not None and self.not_before > now

    def claimed(self, worker: str, lease_until: datetime, now: datetime) -> Self:
        """This chunk in a worker's hands, one attempt on; the loss of another worker that held it is counted."""
        # A worker may claim its own chunk again, after a connection was lost.
        known = self if self.worker in {None, worker} else self.lost()
        fields = {"worker": worker, "lease_until": lease_until, "attempts": self.attempts + 1, "suspect": None}
        return known.model_copy(update={**fields, "not_before": None, "claimed_at": now})

    def lost(self) -> Self:
        """This chunk unclaimed because its worker was lost; if it was busy with a suspect, that counts too."""
        suspicions = dict(self.suspicions)
        if self.suspect is not None:
            suspicions[str(self.suspect)] = suspicions.get(str(self.suspect), 0) + 1
        fields = {"worker": None, "losses": self.losses + 1, "suspect": None, "suspicions": suspicions}
        # A worker of an older version has claimed it without clearing `not_before`.
        return self.model_copy(update={**fields, "not_before": None})

    def claim_released(self, lease_until: datetime, retries: int, not_before: datetime | None = None) -> Self:
        """This chunk unclaimed because its worker releases it; at least `retries` were made so far.

        It may be claimed from `not_before` on; at once if that is None.
        """
        fields = {"worker": None, "suspect": None, "lease_until": lease_until, "not_before": not_before}
        return self.model_copy(update={**fields, "retries": max(self.retries, retries)})

    def folded(self, outcomes: Mapping[int, Outcome], now: datetime | None = None) -> Self:
        """This chunk with outcomes for images that had none: the first outcome of an image stays.

        With the last of its images it settles at `now`, once and for all.
        """
        fresh = {str(i): o for i, o in outcomes.items() if i in self.indexes and str(i) not in self.outcomes}
        return self._with_outcomes({**self.outcomes, **fresh}, now, gave_up=self.gave_up)

    def abandoned(self, cause: Outcome, now: datetime | None = None) -> Self:
        """This chunk after its last attempt: every image without an outcome fails with `cause`."""
        fresh = {str(i): cause for i in self.unfinished_indexes}
        return self._with_outcomes({**self.outcomes, **fresh}, now, gave_up=self.gave_up or bool(fresh))

    def revoke_rest(self, now: datetime | None = None) -> Self:
        """This chunk when its batch is stopped: every image without an outcome is revoked."""
        fresh = {str(i): REVOKED for i in self.unfinished_indexes}
        return self._with_outcomes({**self.outcomes, **fresh}, now, gave_up=self.gave_up)

    def _with_outcomes(self, outcomes: Mapping[str, Outcome], now: datetime | None, *, gave_up: bool) -> Self:
        settled = len(outcomes) == len(self.indexes)
        states = [outcome.state for outcome in outcomes.values()]
        failed = [outcome.code for outcome in outcomes.values() if outcome.state == "failed"]
        return self.model_copy(
            update={
                "outcomes": outcomes,
                "gave_up": gave_up,
                "completed": states.count("completed"),
                "failed": len(failed),
                "failure_codes": failure_counts(failed),
                "revoked": states.count("revoked"),
                "settled": settled,
                "settled_at": self.settled_at if self.settled else now if settled else None,
            }
        )
