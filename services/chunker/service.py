"""The chunker's loops: new batches, settled chunks, a look for what came free, and the reconciler."""

import asyncio

from services.chunker.handlers import ChunkerHandlers
from services.chunker.metrics import LostClaims
from services.chunker.reconciler import ChunkerReconciler
from services.chunker.releases import Releases
from services.chunker.scheduler import Scheduler
from services.chunker.settings import ChunkerSettings
from shared.messaging.messages import WORK_MESSAGES
from shared.messaging.topology import BATCHES, SETTLED
from shared.metrics.observed import observed
from shared.ports import Ports
from shared.running.clock import Clock, utc_now
from shared.running.consuming import consume_in_batches
from shared.running.lifecycle import Readiness, Stopping, repeat

IN_HAND = 200
WAIT_SECONDS = 0.02

LOOK_AGAIN_SECONDS = 1.0
"""Between two looks for room that has come free without a message, while batches wait."""


async def run_chunker(
    ports: Ports, settings: ChunkerSettings, stopping: Stopping, readiness: Readiness, clock: Clock = utc_now
) -> None:
    """Cut batches into chunks until stopping."""
    releases = Releases(ports.batches, ports.chunks, ports.publisher, clock, settings)
    scheduler = Scheduler(releases, ports.batches, ports.chunks, ports.workers, clock, settings)
    handlers = ChunkerHandlers(ports.batches, ports.chunks, releases, scheduler, clock, settings)
    watched = observed(ports.chunks, {"expire_claim": ports.metrics.of(LostClaims).observe_expiry})
    reconciler = ChunkerReconciler(scheduler, releases, ports.batches, watched, ports.subscriber, clock, settings)
    async with (
        ports.subscriber.subscribe(BATCHES, IN_HAND) as batches,
        ports.subscriber.subscribe(SETTLED, IN_HAND) as settled,
        asyncio.TaskGroup() as tasks,
    ):
        for name, subscription in (("batches", batches), ("settled", settled)):
            work = consume_in_batches(
                subscription,
                WORK_MESSAGES,
                handlers.work,
                limit=IN_HAND,
                wait_seconds=WAIT_SECONDS,
                stopping=stopping,
            )
            tasks.create_task(work, name=name)
        repeat(tasks, "waiting batches", LOOK_AGAIN_SECONDS, handlers.look_again, stopping)
        repeat(tasks, "reconciler", settings.sweep_seconds, reconciler.sweep, stopping, readiness)
