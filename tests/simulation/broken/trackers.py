"""Trackers broken on purpose."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from services.tracker.endings import Endings, StoppedBatch
from services.tracker.handlers import TrackerHandlers
from services.tracker.progress import foldings, single_results
from services.tracker.reconciler import TrackerReconciler
from shared.documents import Batch, ChunkTotals, summed
from shared.messaging.messages import ImageCompleted, ResultMessage

_counted = Batch._counted
_rolled_up = Batch.rolled_up


class IncrementingHandlers(TrackerHandlers):
    """A tracker that counts results instead of adding chunks up."""

    @override
    async def results(self, messages: Sequence[ResultMessage]) -> None:
        """Fold as always, then add one for every result."""
        results = single_results(messages)
        await self.chunks.fold(foldings(results))
        for result in results:
            completed = isinstance(result, ImageCompleted)
            totals = await self.chunks.totals(result.batch_id, 0, 0)

            def count(batch: Batch, *, completed: bool = completed, totals: ChunkTotals = totals) -> Batch:
                images = {
                    "completed_images": batch.completed_images + completed,
                    "failed_images": batch.failed_images + (not completed),
                }
                return batch.rolled_up(totals.model_copy(update=images), self.clock())

            await self.batches.change(result.batch_id, count)


def with_newest_totals(batch: Batch, totals: ChunkTotals, now: datetime) -> Batch:
    """`Batch.rolled_up` without `max`: whoever writes last is right."""
    if batch.is_finished or batch.stop:
        return batch
    sums = totals.model_dump(include={"completed_images", "failed_images", "completed_chunks", "failed_chunks"})
    sums["completed_images"] += batch.carried_images
    changed = batch.changed(now, **sums, status="STARTED")
    if changed.pending_images > 0:
        return changed
    return changed.model_copy(update={"status": "FAILURE" if changed.failed_images else "SUCCESS", "paused": False})


def with_newest_codes(batch: Batch, totals: ChunkTotals) -> Batch:
    """`Batch._counted`, but the codes are those of whoever writes last, apart from the number of failed images."""
    newest = summed([(batch.carried_failure_codes, 1), (totals.failure_codes, 1)])
    return _counted(batch, totals).changed(batch.updated_at, failure_codes=newest)


def without_carried(batch: Batch, totals: ChunkTotals, now: datetime) -> Batch:
    """`Batch.rolled_up`, but what earlier generations completed is forgotten."""
    less = totals.model_copy(update={"completed_images": totals.completed_images - batch.carried_images})
    return _rolled_up(batch, less, now)


def of_any_generation(batch: Batch, totals: ChunkTotals, now: datetime) -> Batch:
    """`Batch.rolled_up`, but a batch that was completed before it could be ended counts as not stopped."""
    return _rolled_up(batch.model_copy(update={"stop": None, "stopped_at": None}), totals, now)


class IdleTrackerReconciler(TrackerReconciler):
    """A reconciler that never adds up again."""

    @override
    async def sweep(self) -> None:
        """Look away."""


class ForgettingEndings(Endings):
    """A tracker that ends no stopped batch."""

    @override
    def expect(self, batch: Batch) -> None:
        """Forget it."""


class HastyEndings(Endings):
    """A tracker that ends a batch with what it has added up, without revoking the rest in the chunks."""

    @override
    async def _end(self, batch: Batch) -> Batch:
        totals = batch.sealed.plus(await self.chunks.totals(batch.id, batch.generation, batch.sealed.through))
        return await self.batches.change(batch.id, lambda newest: newest.ended_early(totals, self.clock()))


class HurriedEndings(Endings):
    """A tracker that adds up before it revokes, so that what is folded in between is not counted."""

    @override
    async def _end(self, batch: Batch) -> Batch:
        totals = batch.sealed.plus(await self.chunks.totals(batch.id, batch.generation, batch.sealed.through))
        while unsettled := await self.chunks.unsettled(batch.id, batch.generation, 100):
            await self.chunks.revoke_rest(unsettled)
        return await self.batches.change(batch.id, lambda newest: newest.ended_early(totals, self.clock()))


class ImpatientEndings(Endings):
    """A tracker that ends a batch a second after its stop, whatever is in development."""

    @override
    async def _see_to(self, stopped: StoppedBatch) -> Batch | None:
        """Take the first look for the last."""
        return await super()._see_to(replace(stopped, at_latest=stopped.look_at))
