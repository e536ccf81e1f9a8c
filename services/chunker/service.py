"""The chunker's loops: its work, a look for what came free, the reconciler, and queues of earlier versions."""

import asyncio

from services.chunker.handlers import ChunkerHandlers
from services.chunker.metrics import LostClaims
from services.chunker.reconciler import ChunkerReconciler
from services.chunker.releases import Releases
from services.chunker.scheduler import Scheduler
from services.chunker.settings import ChunkerSettings
from shared.messaging.messages import WORK_MESSAGES
from shared.messaging.topology import RETIRED, WORK
from shared.metrics.observed import observed
from shared.ports import Ports, Subscriber
from shared.running.clock import Clock, utc_now
from shared.running.consuming import consume_in_batches
from shared.running.lifecycle import Readiness, Stopping, repeat

IN_HAND = 200
WAIT_SECONDS = 0.02

LOOK_AGAIN_SECONDS = 1.0
"""Between two looks for room that has come free without a message, while batches wait."""

TIDY_SECONDS = 60.0
"""Between two looks for queues of earlier versions, which their services declare again when they come back."""


async def run_chunker(
    ports: Ports, settings: ChunkerSettings, stopping: Stopping, readiness: Readiness, clock: Clock = utc_now
) -> None:
    """Cut batches into chunks until stopping. Of several chunkers, the broker has one at a time do that."""
    releases = Releases(ports.batches, ports.chunks, ports.publisher, clock, settings)
    scheduler = Scheduler(releases, ports.batches, ports.chunks, ports.workers, clock, settings)
    handlers = ChunkerHandlers(ports.batches, ports.chunks, releases, scheduler, clock, settings)
    watched = observed(ports.chunks, {"expire_claim": ports.metrics.of(LostClaims).observe_expiry})
    reconciler = ChunkerReconciler(scheduler, releases, ports.batches, watched, ports.subscriber, clock, settings)

    async def tidy() -> None:
        await _remove_retired(ports.subscriber)

    async with ports.subscriber.subscribe(WORK, IN_HAND) as work, asyncio.TaskGroup() as tasks:
        tasks.create_task(
            consume_in_batches(
                work,
                WORK_MESSAGES,
                handlers.work,
                limit=IN_HAND,
                wait_seconds=WAIT_SECONDS,
                stopping=stopping,
            ),
            name="work",
        )
        repeat(tasks, "waiting batches", LOOK_AGAIN_SECONDS, handlers.look_again, stopping)
        repeat(tasks, "reconciler", settings.sweep_seconds, reconciler.sweep, stopping, readiness)
        # Without the readiness: what piles up there keeps a chunker from nothing.
        repeat(tasks, "retired queues", TIDY_SECONDS, tidy, stopping)


async def _remove_retired(subscriber: Subscriber) -> None:
    for queue in RETIRED:
        await subscriber.remove_unused(queue)
