"""The chunker's loops: new batches, settled chunks, and the reconciler."""

import asyncio

from services.chunker.handlers import ChunkerHandlers
from services.chunker.metrics import LostClaims
from services.chunker.reconciler import ChunkerReconciler
from services.chunker.settings import ChunkerSettings
from shared.messaging.messages import BatchSubmitted, ChunkSettled
from shared.messaging.topology import BATCHES, SETTLED
from shared.metrics.observed import observed
from shared.ports import Ports
from shared.running.clock import Clock, utc_now
from shared.running.consuming import consume_each, consume_in_batches
from shared.running.lifecycle import Readiness, Stopping, repeat

BATCHES_IN_HAND = 4
SETTLED_IN_HAND = 200
SETTLED_WAIT_SECONDS = 0.05


async def run_chunker(
    ports: Ports, settings: ChunkerSettings, stopping: Stopping, readiness: Readiness, clock: Clock = utc_now
) -> None:
    """Cut batches into chunks until stopping."""
    handlers = ChunkerHandlers(ports.batches, ports.chunks, ports.publisher, clock, settings)
    watched = observed(ports.chunks, {"expire_claim": ports.metrics.of(LostClaims).observe_expiry})
    reconciler = ChunkerReconciler(handlers, ports.batches, watched, ports.subscriber, clock, settings)
    async with (
        ports.subscriber.subscribe(BATCHES, BATCHES_IN_HAND) as batches,
        ports.subscriber.subscribe(SETTLED, SETTLED_IN_HAND) as settled,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(
            consume_each(
                batches, BatchSubmitted, handlers.batch_submitted, concurrency=BATCHES_IN_HAND, stopping=stopping
            ),
            name="batches",
        )
        tasks.create_task(
            consume_in_batches(
                settled,
                ChunkSettled,
                handlers.chunks_settled,
                limit=SETTLED_IN_HAND,
                wait_seconds=SETTLED_WAIT_SECONDS,
                stopping=stopping,
            ),
            name="settled",
        )
        repeat(tasks, "reconciler", settings.sweep_seconds, reconciler.sweep, stopping, readiness)
