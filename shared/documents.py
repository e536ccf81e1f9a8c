"""The documents that hold the truth: batches, manifest pages, chunks and workers, and how they may change.

Every change of a batch or a chunk is a pure method here. Adapters store what the methods return, so the
in-memory and the MongoDB stores cannot drift apart in meaning.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.recipes import Recipe

Status = Literal["PENDING", "STARTED", "SUCCESS", "FAILURE", "REVOKED"]
Priority = Literal["high", "normal", "low"]
PRIORITIES: tuple[Priority, ...] = ("high", "normal", "low")
FINISHED: frozenset[Status] = frozenset({"SUCCESS", "FAILURE", "REVOKED"})
MANIFEST_PAGE_IMAGES = 1000
"""A million images are a thousand manifest documents."""


def chunk_id(batch_id: str, number: int) -> str:
    """The id of a batch's chunk: the same each time the batch is planned."""
    return f"{batch_id}:{number}"


def original_key(batch_id: str, index: int) -> str:
    """Where an uploaded image lies in the object store."""
    return f"originals/{batch_id}/{index}"


def print_key(batch_id: str, index: int, output: str, extension: str) -> str:
    """Where a print lies in the object store."""
    return f"results/{batch_id}/{index}/{output}.{extension}"


class Document(BaseModel):
    """What all documents have in common: immutable, and tolerant of fields that a newer version added."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format_version: Literal[1] = 1


class Print(BaseModel):
    """One stored output of one image. `size_bytes` and the pixels' `width` and `height` are of the print."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    output: str
    extension: str
    media_type: str
    width: int
    height: int
    size_bytes: int


class Outcome(BaseModel):
    """How one image ended: completed with its prints, or failed with a stable code and a sentence."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: Literal["completed", "failed"]
    prints: tuple[Print, ...] = ()
    code: str | None = None
    message: str | None = None
    duration_ms: int = 0
    worker: str = ""


class ChunkTotals(BaseModel):
    """Sums over chunks of one generation of a batch."""

    model_config = ConfigDict(frozen=True)

    completed_images: int = 0
    failed_images: int = 0
    completed_chunks: int = 0
    failed_chunks: int = 0

    @property
    def settled_chunks(self) -> int:
        """Chunks that have ended, in whichever way."""
        return self.completed_chunks + self.failed_chunks

    def plus(self, other: "ChunkTotals") -> "ChunkTotals":
        """The sums over both sets of chunks."""
        return ChunkTotals(
            completed_images=self.completed_images + other.completed_images,
            failed_images=self.failed_images + other.failed_images,
            completed_chunks=self.completed_chunks + other.completed_chunks,
            failed_chunks=self.failed_chunks + other.failed_chunks,
        )


class SealedChunks(ChunkTotals):
    """Sums over the chunks before number `through`, all settled and so never to change again.

    They are kept so that a roll-up reads only the chunks after them, however large the batch.
    """

    through: int = 0


class Batch(Document):
    """One upload and how far it has got; the gateway's answers are made from it.

    It is also the outbox: `dispatched_at` is null until the chunker's message is confirmed, and `released_chunks`
    says how far chunking got, so whatever was not published is seen here and published again.
    """

    id: str
    name: str
    recipe: Recipe
    priority: Priority = "normal"
    chunk_size: int
    total_images: int
    total_chunks: int
    status: Status = "PENDING"
    version: int = 0
    generation: int = 0
    completed_images: int = 0
    failed_images: int = 0
    revoked_images: int = 0
    completed_chunks: int = 0
    failed_chunks: int = 0
    released_chunks: int = 0
    sealed: SealedChunks = SealedChunks()
    rate_images_per_second: float | None = None
    created_at: datetime
    updated_at: datetime
    dispatched_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progressed_at: datetime | None = None

    @classmethod
    def begun(
        cls,
        batch_id: str,
        name: str,
        recipe: Recipe,
        *,
        total_images: int,
        chunk_size: int,
        now: datetime,
        priority: Priority = "normal",
    ) -> Self:
        """Make a new batch of `total_images` images, cut into chunks of `chunk_size`; only the last may be smaller."""
        return cls(
            id=batch_id,
            name=name,
            recipe=recipe,
            priority=priority,
            chunk_size=chunk_size,
            total_images=total_images,
            total_chunks=-(-total_images // chunk_size),
            created_at=now,
            updated_at=now,
        )

    @property
    def is_finished(self) -> bool:
        """Whether nothing will happen to this batch by itself any more."""
        return self.status in FINISHED

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
        """Chunks that have ended, in whichever way."""
        return self.completed_chunks + self.failed_chunks

    def changed(self, now: datetime, **fields: object) -> Self:
        """This batch with other fields, one version on; itself when nothing is different."""
        if all(getattr(self, name) == value for name, value in fields.items()):
            return self
        return self.model_copy(update={**fields, "version": self.version + 1, "updated_at": now})

    def dispatched(self, now: datetime) -> Self:
        """The chunker's message is confirmed."""
        return self.changed(now, dispatched_at=self.dispatched_at or now)

    def released(self, chunks: int, now: datetime) -> Self:
        """All chunks before number `chunks` are recorded and published."""
        if self.is_finished:
            return self
        return self.changed(
            now,
            released_chunks=max(self.released_chunks, chunks),
            status="STARTED",
            started_at=self.started_at or now,
        )


class ManifestEntry(BaseModel):
    """One uploaded image. `name` is a label from the client, never part of a key or path.

    `sha256` is that of the uploaded bytes in hexadecimal; null where they were not uploaded but read in place.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    index: int
    name: str
    size_bytes: int
    sha256: str | None = None


class ManifestPage(Document):
    """Up to 1,000 consecutive images of a batch; page p starts with image 1000 p."""

    batch_id: str
    page: int
    entries: tuple[ManifestEntry, ...]

    @property
    def id(self) -> str:
        """The page document's id."""
        return f"{self.batch_id}:{self.page}"


class Chunk(Document):
    """Some images of a batch that travel in one message, and what became of each.

    `completed` and `failed` are derived from `outcomes` in every write. `cause` is set when the chunk itself
    gave up. Until `lease_until` the chunk is in good hands; past it, the reconciler sends it again.
    """

    batch_id: str
    number: int
    generation: int = 0
    priority: Priority = "normal"
    indexes: tuple[int, ...]
    outcomes: Mapping[str, Outcome] = Field(default_factory=dict)
    completed: int = 0
    failed: int = 0
    settled: bool = False
    gave_up: bool = False
    attempts: int = 0
    worker: str | None = None
    lease_until: datetime

    @property
    def id(self) -> str:
        """The chunk document's id."""
        return chunk_id(self.batch_id, self.number)

    def folded(self, outcomes: Mapping[int, Outcome]) -> Self:
        """This chunk with outcomes for images that had none: the first outcome of an image stays for ever."""
        fresh = {str(i): o for i, o in outcomes.items() if i in self.indexes and str(i) not in self.outcomes}
        return self._with_outcomes({**self.outcomes, **fresh}, gave_up=self.gave_up)

    def abandoned(self, cause: Outcome) -> Self:
        """This chunk after its last attempt: every image without an outcome fails with `cause`."""
        fresh = {str(i): cause for i in self.indexes if str(i) not in self.outcomes}
        return self._with_outcomes({**self.outcomes, **fresh}, gave_up=self.gave_up or bool(fresh))

    def _with_outcomes(self, outcomes: Mapping[str, Outcome], *, gave_up: bool) -> Self:
        completed = sum(outcome.state == "completed" for outcome in outcomes.values())
        return self.model_copy(
            update={
                "outcomes": outcomes,
                "gave_up": gave_up,
                "completed": completed,
                "failed": len(outcomes) - completed,
                "settled": len(outcomes) == len(self.indexes),
            }
        )


class Folding(BaseModel):
    """What a tracker learnt about one chunk: outcomes per image, and the cause if the chunk was given up."""

    model_config = ConfigDict(frozen=True)

    chunk_id: str
    outcomes: Mapping[int, Outcome] = Field(default_factory=dict)
    abandoned: Outcome | None = None


class WorkerRecord(Document):
    """A worker process as it last reported itself."""

    id: str
    host: str
    slots: int
    developed_images: int
    started_at: datetime
    seen_at: datetime
