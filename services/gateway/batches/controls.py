"""What people can ask of a batch once it is recorded, apart from HTTP."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from services.gateway.background.janitor import Janitor
from services.gateway.background.relay import Relay
from services.gateway.batches.lookup import batch_state, refuse_selection, refuse_unfinished
from shared.documents import Batch, BatchFacts, Priority, Selection
from shared.errors import BatchUnknownError
from shared.messaging.messages import BatchStopped, ChunkSettled
from shared.ports import BatchWriter, FactsRecorder, Publisher
from shared.recipes import Recipe
from shared.running.clock import Clock
from shared.running.hinting import progress_hint, publish_hints

log = structlog.get_logger()


@dataclass(frozen=True)
class Controls:
    """Changes batches on request. The document is the truth: it is changed first, messages only make it quick.

    Every method answers the batch as it then is, repeats without harm, and raises `ApiError` for a batch that is
    not there or in no state for it, and `TransientError` for trouble with the database.
    """

    batches: BatchWriter
    publisher: Publisher
    statistics: FactsRecorder
    relay: Relay
    janitor: Janitor
    clock: Clock

    async def cancel(self, batch_id: str) -> Batch:
        """Begin nothing more of the batch; once its images in development are done, all others are revoked.

        One that its failure threshold stops already ends as a failure, and is not cancelled any more.
        """

        def cancelled(batch: Batch) -> Batch:
            if batch.is_finished and batch.stop != "cancelled":
                raise ApiError(BatchCode.BATCH_FINISHED, details=batch_state(batch))
            if not batch.is_finished and batch.stop not in {None, "cancelled"}:
                raise ApiError(BatchCode.BATCH_STOPPING, details=batch_state(batch))
            return batch.stopped("cancelled", self.clock())

        batch = await self._change(batch_id, cancelled)
        log.info("batch_cancelled", batch_id=batch.id, status=batch.status, stop=batch.stop)
        if not batch.is_finished:
            stopped = BatchStopped(batch_id=batch.id, generation=batch.generation)
            await publish_hints(self.publisher, [stopped, _look_again(batch), progress_hint(batch)])
        return batch

    async def pause(self, batch_id: str) -> Batch:
        """Begin nothing more of the batch until it is resumed; images in development are finished."""

        def paused(batch: Batch) -> Batch:
            _refuse_ending(batch)
            return batch.with_pause(self.clock())

        batch = await self._change(batch_id, paused)
        log.info("batch_paused", batch_id=batch.id)
        await publish_hints(self.publisher, [_look_again(batch), progress_hint(batch)])
        return batch

    async def resume(self, batch_id: str) -> Batch:
        """Go on with a paused batch; one that is not paused just goes on."""

        def resumed(batch: Batch) -> Batch:
            _refuse_ending(batch)
            return batch.resumed(self.clock())

        batch = await self._change(batch_id, resumed)
        log.info("batch_resumed", batch_id=batch.id)
        await self._go_on(batch)
        return batch

    async def change_priority(self, batch_id: str, priority: Priority) -> Batch:
        """Have the chunks that are released from now on travel in another lane; a pause does not matter."""

        def prioritized(batch: Batch) -> Batch:
            _refuse_ending(batch)
            return batch.with_priority(priority, self.clock())

        batch = await self._change(batch_id, prioritized)
        log.info("batch_priority_changed", batch_id=batch.id, priority=priority)
        await publish_hints(self.publisher, [_look_again(batch), progress_hint(batch)])
        return batch

    async def retry(self, batch_id: str, recipe: Recipe | None = None, selection: Selection | None = None) -> Batch:
        """Develop the images of a finished batch that failed or were revoked again, perhaps by another recipe.

        With a selection those instead. One whose retry is under way, by this recipe and of the same images, is answered
        as it is: it may be the answer that was lost.
        """

        def retried(batch: Batch) -> Batch:
            if _is_retrying(batch, recipe, selection):
                return batch
            refuse_unfinished(batch)
            if selection:
                refuse_selection(batch, selection)
            again = batch.retried(self.clock(), recipe, selection)
            if again is batch:
                raise ApiError(BatchCode.NOTHING_TO_RETRY, details=batch_state(batch))
            return again

        batch = await self._change(batch_id, retried)
        log.info("batch_retried", batch_id=batch.id, generation=batch.generation, images=batch.pending_images)
        await self._go_on(batch)
        return batch

    async def delete(self, batch_id: str) -> Batch:
        """Take a batch that has finished or is being stopped out of sight, which ends it.

        Removing what is stored of it is the janitor's work, which is woken.
        """
        ends = False

        def deleted(batch: Batch) -> Batch:
            nonlocal ends
            ends = not batch.is_finished
            if not batch.stop:
                refuse_unfinished(batch)
            return batch.deleted(self.clock())

        batch = await self._change_any(batch_id, deleted)
        if ends:
            await self.statistics.record_facts(BatchFacts.of(batch))
        log.info("batch_deleted", batch_id=batch.id)
        if batch.emptied_at is None:
            self.janitor.wake(batch.id)
        await publish_hints(self.publisher, [progress_hint(batch)])
        return batch

    async def _change(self, batch_id: str, change: Callable[[Batch], Batch]) -> Batch:
        def change_of_present(batch: Batch) -> Batch:
            if batch.deleted_at:
                raise BatchUnknownError(batch_id)
            return change(batch)

        return await self._change_any(batch_id, change_of_present)

    async def _change_any(self, batch_id: str, change: Callable[[Batch], Batch]) -> Batch:
        # Refused inside the change, so that the decision is made on the very state that would be replaced.
        try:
            return await self.batches.change(batch_id, change)
        except BatchUnknownError:
            raise ApiError(BatchCode.BATCH_NOT_FOUND, details={"batch_id": batch_id}) from None

    async def _go_on(self, batch: Batch) -> None:
        if batch.dispatched_at is None:
            self.relay.wake(batch)
        await publish_hints(self.publisher, [progress_hint(batch)])


def _look_again(batch: Batch) -> ChunkSettled:
    """What has the chunker look at a batch whose chunks have not settled: it reads the document at each of these."""
    return ChunkSettled(batch_id=batch.id, generation=batch.generation, settled_chunks=batch.settled_chunks)


def _refuse_ending(batch: Batch) -> None:
    if batch.is_finished:
        raise ApiError(BatchCode.BATCH_FINISHED, details=batch_state(batch))
    if batch.stop:
        raise ApiError(BatchCode.BATCH_STOPPING, details=batch_state(batch))


def _is_retrying(batch: Batch, recipe: Recipe | None, selection: Selection | None) -> bool:
    """Whether a retry of the batch by this recipe, or by any if it is None, and of these images is under way."""
    is_under_way = batch.generation > 0 and not batch.is_finished and not batch.stop
    return is_under_way and batch.is_retry_of(selection) and (recipe is None or recipe == batch.recipe)
