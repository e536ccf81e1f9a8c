"""Batches: one upload, how far it has got, and how it may change."""

from datetime import datetime
from typing import Literal, Self

from shared.documents.chunk import ChunkTotals, SealedChunks
from shared.documents.document import Document
from shared.documents.failure_threshold import FailureThreshold
from shared.documents.priority import Priority
from shared.recipes import Recipe, RecordedRecipe, built_in_recipes

Status = Literal["PENDING", "STARTED", "SUCCESS", "FAILURE", "REVOKED"]
FINISHED: frozenset[Status] = frozenset({"SUCCESS", "FAILURE", "REVOKED"})

StopReason = Literal["cancelled", "failure_threshold"]


class Batch(Document):
    """One upload and how far it has got; the gateway's answers are made from it.

    It is also the outbox: `dispatched_at` is null until the chunker's message is confirmed, and `released_chunks`
    says how far chunking got, so whatever was not published is seen here and published again.

    A retry opens a new `generation`, whose chunks have the numbers from `first_chunk` on. All counts of chunks are of
    the present generation; `carried_images` were completed in earlier ones and are part of `completed_images`.
    `submissions` counts how often the chunker was to be told of it again: at each retry, and after each pause.
    `planned_images` is the index up to which a later generation's images are in released chunks.

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

    @classmethod
    def begun(  # noqa: PLR0913 - each is a field of the upload, all but the first three by name
        cls,
        batch_id: str,
        name: str,
        recipe: Recipe,
        *,
        total_images: int,
        chunk_size: int,
        now: datetime,
        priority: Priority = "normal",
        failure_threshold: FailureThreshold | None = None,
        idempotency_key: str | None = None,
        request_fingerprint: str | None = None,
    ) -> Self:
        """Make a new batch of `total_images` images, cut into chunks of `chunk_size`; only the last may be smaller."""
        return cls(
            id=batch_id,
            name=name,
            recipe=recipe,
            priority=priority,
            chunk_size=chunk_size,
            total_images=total_images,
            total_chunks=_chunks_of(total_images, chunk_size),
            failure_threshold=failure_threshold,
            idempotency_key=idempotency_key,
            request_fingerprint=request_fingerprint,
            created_at=now,
            updated_at=now,
        )

    @classmethod
    def tombstone(cls, batch_id: str, now: datetime) -> Self:
        """Make a tombstone for an upload that was given up: as long as it stands, no batch can be recorded there."""
        recipe = built_in_recipes()["web"]
        empty = cls.begun(batch_id, "", recipe, total_images=0, chunk_size=1, now=now)
        over = {"status": "REVOKED", "stop": "cancelled", "stopped_at": now, "finished_at": now, "deleted_at": now}
        return empty.model_copy(update=over)

    @property
    def is_finished(self) -> bool:
        """Whether nothing will happen to this batch by itself any more."""
        return self.status in FINISHED

    @property
    def may_be_developed(self) -> bool:
        """Whether images of this batch may be begun now."""
        return not (self.is_finished or self.paused or self.stop)

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

    def changed(self, now: datetime, **fields: object) -> Self:
        """This batch with other fields, updated at `now`; itself when nothing is different. Stores count versions."""
        if all(getattr(self, name) == value for name, value in fields.items()):
            return self
        return self.model_copy(update={**fields, "updated_at": now})

    def dispatched(self, now: datetime) -> Self:
        """The chunker's message is confirmed."""
        return self.changed(now, dispatched_at=self.dispatched_at or now)

    def released(self, chunks: int, now: datetime, planned_images: int = 0) -> Self:
        """The first `chunks` chunks of this generation are recorded and published.

        In a later generation they hold every image that it has with an index below `planned_images`.
        """
        if self.is_finished:
            return self
        return self.changed(
            now,
            released_chunks=max(self.released_chunks, chunks),
            planned_images=max(self.planned_images, planned_images),
            status="STARTED",
            started_at=self.started_at or now,
        )

    def with_pause(self, now: datetime) -> Self:
        """This batch paused: nothing of it is begun until it is resumed. One that has finished or stops stays so."""
        if self.is_finished or self.stop:
            return self
        return self.changed(now, paused=True)

    def resumed(self, now: datetime) -> Self:
        """This batch going on after a pause; the chunker is to be told again.

        Its rate stays, and is measured from now on: a pause is no time in which nothing was done.
        """
        if not self.paused:
            return self
        # One of which nothing is released yet begins with its first chunks.
        progressed_at = now if self.status == "STARTED" else self.progressed_at
        submissions = self.submissions + 1
        return self.changed(now, paused=False, submissions=submissions, dispatched_at=None, progressed_at=progressed_at)

    def stopped(self, reason: StopReason, now: datetime) -> Self:
        """This batch on its way to an early end; the first reason stays, and one that has finished stays so."""
        if self.is_finished or self.stop:
            return self
        return self.changed(now, stop=reason, stopped_at=now, paused=False)

    def retried(self, now: datetime, recipe: Recipe | None = None) -> Self:
        """A new generation of a finished batch with the images that failed or were revoked, perhaps by another recipe.

        A batch without such images, or one that has not finished, stays as it is.
        """
        again = self.failed_images + self.revoked_images
        if not self.is_finished or not again:
            return self
        first_chunk = self.first_chunk + self.total_chunks
        return self.changed(
            now,
            recipe=recipe or self.recipe,
            generation=self.generation + 1,
            submissions=self.submissions + 1,
            first_chunk=first_chunk,
            carried_images=self.completed_images,
            failed_images=0,
            revoked_images=0,
            total_chunks=_chunks_of(again, self.chunk_size),
            completed_chunks=0,
            failed_chunks=0,
            released_chunks=0,
            planned_images=0,
            sealed=SealedChunks(through=first_chunk),
            status="PENDING",
            stop=None,
            stopped_at=None,
            rate_images_per_second=None,
            progressed_at=None,
            finished_at=None,
            dispatched_at=None,
        )

    def deleted(self, now: datetime) -> Self:
        """This batch on its way out: its documents and objects are being removed, its key is free again.

        One that is being stopped ends by it, with everything revoked that had no outcome. It has to be finished or
        stopped; the caller sees to that.
        """
        ended = self.ended_early(ChunkTotals(), now)
        nobodys = {"name": "", "idempotency_key": None, "request_fingerprint": None}
        return ended.changed(now, deleted_at=self.deleted_at or now, **nobodys)

    def purged(self, now: datetime) -> Self:
        """This deleted batch with nothing stored of it any more, unless somebody stores something late."""
        return self.changed(now, emptied_at=self.emptied_at or now)

    @property
    def fails_wholesale(self) -> bool:
        """Whether so many images of this generation failed that the rest is not worth developing."""
        ended = self.completed_images - self.carried_images + self.failed_images
        return self.failure_threshold is not None and self.failure_threshold.is_reached(self.failed_images, ended)

    def ended_early(self, totals: ChunkTotals, now: datetime) -> Self:
        """This stopped batch at its end, once every recorded chunk of its generation is settled with these totals.

        Whatever has no outcome of its own is revoked, recorded in a chunk or not.
        """
        if self.is_finished or not self.stop:
            return self
        completed = max(self.completed_images, self.carried_images + totals.completed_images)
        failed = max(self.failed_images, totals.failed_images)
        return self.changed(
            now,
            completed_images=completed,
            failed_images=failed,
            revoked_images=self.total_images - completed - failed,
            completed_chunks=max(self.completed_chunks, totals.completed_chunks),
            failed_chunks=max(self.failed_chunks, totals.failed_chunks),
            status="REVOKED" if self.stop == "cancelled" else "FAILURE",
            started_at=self.started_at or now,
            finished_at=now,
        )


def _chunks_of(images: int, chunk_size: int) -> int:
    return -(-images // chunk_size)
