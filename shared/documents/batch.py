"""How a batch may change, from the upload to its end, a retry and its deletion: the one place that sets its status."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from shared.costs import Pace
from shared.documents.batch_record import BatchRecord, Status, StopReason, chunks_of
from shared.documents.certainty import Certainty, marked
from shared.documents.chunk import ChunkTotals, SealedChunks
from shared.documents.document import Priority
from shared.documents.failure_counts import accounted, summed
from shared.documents.partial_retry import PartialRetry, Selection
from shared.documents.rate import images_per_second
from shared.documents.time_left import ended_share, estimated, forecast, images_cost_ms, paced
from shared.recipes import BUILT_IN_RECIPES, Recipe

UNTRIED = Certainty()


class Batch(BatchRecord):
    """A batch and its changes, each pure: the answer is another batch, or itself where the change does not apply."""

    @classmethod
    def tombstone(cls, batch_id: str, now: datetime) -> Self:
        """Make a tombstone for an upload that was given up: as long as it stands, no batch can be recorded there."""
        recipe = BUILT_IN_RECIPES["web"]  # any will do, as nothing is developed by it
        empty = cls(id=batch_id, name="", recipe=recipe, total_images=0, chunk_size=1, created_at=now)
        over = {"status": "REVOKED", "stop": "cancelled", "stopped_at": now, "finished_at": now, "deleted_at": now}
        return empty.model_copy(update=over)

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
        """This batch going on after a pause, to be published to the chunker again.

        Its rate stays, and is measured from now on: a pause is no time in which nothing was done.
        """
        if not self.paused:
            return self
        # One of which nothing is released yet begins with its first chunks.
        progressed_at = now if self.status == "STARTED" else self.progressed_at
        submissions = self.submissions + 1  # by which the relay tells this publication from an earlier one
        resumed = self.changed(now, paused=False, dispatched_at=None, progressed_at=progressed_at, marks=())
        return resumed.changed(now, submissions=submissions)

    def with_priority(self, priority: Priority, now: datetime) -> Self:
        """This batch with its further chunks in another lane; one that has finished or stops stays as it is."""
        if self.is_finished or self.stop:
            return self
        return self.changed(now, priority=priority)

    def stopped(self, reason: StopReason, now: datetime) -> Self:
        """This batch on its way to an early end; the first reason stays, and one that has finished stays so."""
        if self.is_finished or self.stop:
            return self
        return self.changed(now, stop=reason, stopped_at=now, paused=False)

    def retried(self, now: datetime, recipe: Recipe | None = None, selection: Selection | None = None) -> Self:
        """A new generation of a finished batch with the images that failed or were revoked, perhaps by another recipe.

        With a `selection` it has those instead. A batch without such images, or one that has not finished, stays.
        """
        again = self._results_to_retry(selection)
        if not self.is_finished or not again.total():
            return self
        # Numbers are not used twice, so that a late result of an earlier generation meets no new chunk.
        first_chunk = self.first_chunk + self.total_chunks
        return self.changed(
            now,
            **self._reopened_for(selection, again),
            recipe=recipe or self.recipe,
            submissions=self.submissions + 1,
            first_chunk=first_chunk,
            total_chunks=chunks_of(again.total(), self.chunk_size),
            completed_chunks=0,
            failed_chunks=0,
            released_chunks=0,
            planned_images=0,
            sealed=SealedChunks(through=first_chunk),
            status="PENDING",
            stop=None,
            stopped_at=None,
            rate_images_per_second=None,  # these images, or another recipe, may be slower
            pace=Pace(),
            estimate=None,
            marks=(),
            progressed_at=None,
            finished_at=None,
            dispatched_at=None,
        )

    def _results_to_retry(self, selection: Selection | None) -> Counter[str]:
        """How many images a retry is of, by their results."""
        failures = accounted(self.failure_codes, self.failed_images)
        unsuccessful = Counter({**failures, "revoked": self.revoked_images})
        if selection is None:
            return unsuccessful
        by_code = {code: images for code, images in unsuccessful.items() if code in selection.codes}
        # Those in `indexes` with one of these codes are among them.
        return Counter({**selection.found, **by_code})

    def _reopened_for(self, selection: Selection | None, again: Counter[str]) -> dict[str, object]:
        """The fields of the next generation that say which images are retried, and what of the others is counted."""
        generation = self.generation + 1
        completed, revoked = (getattr(self, f"{state}_images") - again[state] for state in ("completed", "revoked"))
        failed = self.total_images - completed - revoked - again.total()
        codes = accounted(dict(Counter(self.failure_codes) - again), failed)
        indexes = map(str, sorted(selection.indexes)) if selection else ()
        partial = selection and PartialRetry.following(
            self.partial, generation, selection.codes, carried_failure_codes=codes, carried_revoked_images=revoked
        )
        return {
            "generation": generation,
            "partial": partial,
            "remade": {**self.remade, **dict.fromkeys(indexes, generation)},
            "carried_images": completed,
            "completed_images": completed,
            "failed_images": failed,
            "failure_codes": codes,
            "revoked_images": revoked,
        }

    def deleted(self, now: datetime) -> Self:
        """This batch on its way out: its documents and objects are being removed, its key is free again.

        One that is being stopped ends by it, with everything revoked that had no outcome. It has to be finished or
        stopped; the caller sees to that.
        """
        ended = self.ended_early(ChunkTotals(), now)
        cleared = {"name": "", "idempotency_key": None, "request_fingerprint": None}
        return ended.changed(now, deleted_at=self.deleted_at or now, **cleared)

    def proof_expired(self, now: datetime) -> Self:
        """This proof on its way out, whatever it has come to; any other batch stays as it is."""
        if not self.is_proof:
            return self
        return self.stopped("cancelled", now).deleted(now)

    def purged(self, now: datetime) -> Self:
        """This deleted batch with nothing stored of it any more, unless a late writer stores something."""
        return self.changed(now, emptied_at=self.emptied_at or now)

    def rolled_up(self, totals: ChunkTotals, now: datetime, certainty: Certainty = UNTRIED) -> Self:
        """This batch once the chunks of its generation add up to `totals`.

        Trackers race and may bring older sums: each counter only grows, so the batch never steps back. What is revoked
        counts when the batch ends early (`ended_early`). `certainty` gives the range around the time left.
        """
        counted = self._counted(totals)
        if self.is_finished or counted is self:
            return self
        if counted.pending_images <= 0 and self.stop:
            return self.ended_early(totals, now)
        moved = counted.changed(
            now,
            progressed_at=now,
            rate_images_per_second=images_per_second(self, counted.ended_images - self.ended_images, now),
            pace=paced(self, counted, now),
            status="STARTED",
            started_at=self.started_at or now,
        )
        estimate = estimated(moved, certainty)
        moved = moved.changed(now, estimate=estimate, marks=marked(self.marks, ended_share(moved), estimate, now))
        if counted.pending_images <= 0:
            # A pause that came too late to hold anything must not hold a retry.
            return moved.changed(now, status=moved.status_at_end, finished_at=now, paused=False)
        return moved.stopped("failure_threshold", now) if moved.fails_wholesale else moved

    def ended_early(self, totals: ChunkTotals, now: datetime) -> Self:
        """This stopped batch at its end, once every recorded chunk of its generation is settled with these totals.

        Every image without an outcome is revoked, recorded in a chunk or not.
        """
        if self.is_finished or not self.stop:
            return self
        counted = self._counted(totals)
        return counted.changed(
            now,
            revoked_images=counted.revoked_images + counted.pending_images,
            status="REVOKED" if self.stop == "cancelled" else "FAILURE",
            started_at=self.started_at or now,
            finished_at=now,
        )

    def forecast(self, seconds: float | None, now: datetime) -> Self:
        """This batch with what is to be expected of it while there is no news: itself if that is no other by much.

        `seconds` is the time to its end by its share of the slots; None if there are none.
        """
        if not self.may_be_developed:
            return self
        expected = forecast(self, seconds, now)
        if not expected.differs(self.estimate):
            return self
        # Nothing is learnt from how long a standstill took.
        return self.changed(now, estimate=expected, marks=() if expected.state == "stalled" else self.marks)

    def _counted(self, totals: ChunkTotals) -> Self:
        """This batch with what is new in the sums: each counter only grows, and codes come with the failures' count."""
        counters = {
            "completed_images": max(self.completed_images, self.carried_images + totals.completed_images),
            "completed_chunks": max(self.completed_chunks, totals.completed_chunks),
            "failed_chunks": max(self.failed_chunks, totals.failed_chunks),
        }
        codes = summed([(self.carried_failure_codes, 1), (totals.failure_codes, 1)])
        failed = sum(self.carried_failure_codes.values()) + totals.failed_images
        failures = {"failed_images": failed, "failure_codes": codes} if failed >= self.failed_images else {}
        return self.changed(self.updated_at, **counters, **failures)

    def cost_ms(self, indexes: Sequence[int]) -> int:
        """Predicted processor time of these images together, which are in order; at least 1 ms for each."""
        return images_cost_ms(self, indexes)

    @property
    def status_at_end(self) -> Status:
        """The status of a batch that ends by itself: `SUCCESS` if every image of it is completed."""
        if self.failed_images:
            return "FAILURE"
        return "REVOKED" if self.revoked_images else "SUCCESS"
