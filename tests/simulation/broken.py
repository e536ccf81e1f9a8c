"""Handlers that are broken on purpose, each in one way that the simulation must notice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.chunker.reconciler import ChunkerReconciler
from services.gateway.relay import Relay
from services.tracker.handlers import TrackerHandlers
from services.tracker.progress import ResultMessage, foldings, single_results, with_totals
from services.tracker.reconciler import TrackerReconciler
from services.worker.handlers import WorkerHandlers
from shared.consuming import consume_each, consume_in_batches
from shared.documents import Batch, Chunk, ChunkTotals, Outcome
from shared.messages import ChunkReady, ImageCompleted
from shared.ports import Delivery, Subscription


class AckingFirst:
    """A `Subscription` that acknowledges each delivery before anybody has handled it."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    async def next(self) -> Delivery | None:
        """See `Subscription`."""
        delivery = await self._subscription.next()
        if delivery is not None:
            await delivery.ack()
        return delivery

    async def ack_through(self, delivery: Delivery) -> None:
        """See `Subscription`."""
        await self._subscription.ack_through(delivery)

    async def stop(self) -> None:
        """See `Subscription`."""
        await self._subscription.stop()


async def each_acked_first(subscription: Subscription, *rest: Any, **options: Any) -> None:
    """`consume_each`, but acknowledging first."""
    await consume_each(AckingFirst(subscription), *rest, **options)


async def batches_acked_first(subscription: Subscription, *rest: Any, **options: Any) -> None:
    """`consume_in_batches`, but acknowledging first."""
    await consume_in_batches(AckingFirst(subscription), *rest, **options)


class IncrementingHandlers(TrackerHandlers):
    """A tracker that counts results instead of adding chunks up."""

    async def results(self, messages: Sequence[ResultMessage]) -> None:
        """Fold as always, then add one for every result."""
        results = single_results(messages)
        await self._chunks.fold(foldings(results))
        for result in results:
            completed = isinstance(result, ImageCompleted)
            totals = await self._chunks.totals(result.batch_id, 0, 0)

            def count(batch: Batch, *, completed: bool = completed, totals: ChunkTotals = totals) -> Batch:
                images = {
                    "completed_images": batch.completed_images + completed,
                    "failed_images": batch.failed_images + (not completed),
                }
                return with_totals(batch, totals.model_copy(update=images), self._clock())

            await self._batches.change(result.batch_id, count)


def with_newest_totals(batch: Batch, totals: ChunkTotals, now: datetime) -> Batch:
    """`with_totals` without `max`: whoever writes last is right."""
    if batch.is_finished:
        return batch
    changed = batch.changed(now, **totals.model_dump(include=set(ChunkTotals.model_fields)), status="STARTED")
    if changed.pending_images > 0:
        return changed
    return changed.model_copy(update={"status": "FAILURE" if changed.failed_images else "SUCCESS"})


class ForgetfulHandlers(WorkerHandlers):
    """A worker that loses count of its retries."""

    async def _try_again(self, message: ChunkReady, cause: Exception) -> None:
        await super()._try_again(message.model_copy(update={"attempt": 0}), cause)


class ImpatientHandlers(WorkerHandlers):
    """A worker that gives a chunk up at the first trouble."""

    async def _try_again(self, message: ChunkReady, cause: Exception) -> None:
        await super()._try_again(message.model_copy(update={"attempt": 3}), cause)


class IdleReconciler(ChunkerReconciler):
    """A reconciler that never sends anything again."""

    async def sweep(self) -> None:
        """Look away."""


class TellingTooEarly:
    """A way out of a worker on which a result counts as told before the broker has confirmed it."""

    def __init__(self, publisher: object) -> None:
        """Keep nothing."""

    async def tell(self, result: object) -> None:
        """Tell nobody."""


class IdleTrackerReconciler(TrackerReconciler):
    """A reconciler that never adds up again."""

    async def sweep(self) -> None:
        """Look away."""


class ForgettingRelay(Relay):
    """An outbox that is not looked into again."""

    async def sweep(self) -> None:
        """Look away."""


_folded = Chunk.folded


def folded_twice(chunk: Chunk, outcomes: Mapping[int, Outcome]) -> Chunk:
    """`Chunk.folded`, but counting what comes instead of what is there."""
    completed = sum(outcome.state == "completed" for outcome in outcomes.values())
    counts = {"completed": chunk.completed + completed, "failed": chunk.failed + len(outcomes) - completed}
    return _folded(chunk, outcomes).model_copy(update=counts)


def overwritten(chunk: Chunk, outcomes: Mapping[int, Outcome]) -> Chunk:
    """`Chunk.folded`, but the last outcome of an image replaces the first."""
    return _folded(
        chunk.model_copy(update={"outcomes": {}}), {**{int(i): o for i, o in chunk.outcomes.items()}, **outcomes}
    )


BROKEN: Mapping[str, tuple[str, object]] = {
    "the worker acknowledges before it develops": ("services.worker.service.consume_each", each_acked_first),
    "the tracker acknowledges before it writes": ("services.tracker.service.consume_in_batches", batches_acked_first),
    "the chunker acknowledges before it releases": ("services.chunker.service.consume_each", each_acked_first),
    "the tracker increments counters": ("services.tracker.service.TrackerHandlers", IncrementingHandlers),
    "the tracker lets counters step back": ("services.tracker.handlers.with_totals", with_newest_totals),
    "the fold counts repeats": ("shared.documents.Chunk.folded", folded_twice),
    "the fold replaces outcomes": ("shared.documents.Chunk.folded", overwritten),
    "the worker loses count of its retries": ("services.worker.service.WorkerHandlers", ForgetfulHandlers),
    "the worker gives up at once": ("services.worker.service.WorkerHandlers", ImpatientHandlers),
    "the worker does not wait for confirms": ("services.worker.service.ResultOutbox", TellingTooEarly),
    "the chunker's reconciler never sends again": ("services.chunker.service.ChunkerReconciler", IdleReconciler),
    "the tracker's reconciler never adds up": ("services.tracker.service.TrackerReconciler", IdleTrackerReconciler),
    "the gateway's outbox is forgotten": ("services.gateway.relay.Relay", ForgettingRelay),
}
"""Each way to be broken: the name to replace in the project, and what stands there instead."""
