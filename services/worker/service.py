"""The worker's loops: one consumer per priority, and its heartbeat."""

import asyncio
import socket
from contextlib import AsyncExitStack

from services.worker.handlers import WorkerHandlers
from services.worker.images import ImageDeveloper, ImageEngine
from services.worker.leases import Leases
from services.worker.recent_batches import RecentBatches
from services.worker.results import ResultOutbox
from services.worker.settings import WorkerSettings
from shared.clock import Clock, utc_now
from shared.consuming import consume_each
from shared.documents import Priority, WorkerRecord
from shared.lifecycle import Readiness, Stopping, run_every
from shared.messages import ChunkReady
from shared.ports import Ports
from shared.topology import CHUNKS

SHARE_OF_CHUNKS: dict[Priority, float] = {"high": 2.0, "normal": 1.0, "low": 0.5}
"""Chunks in hand per priority, as a multiple of the setting: under load, high gets four times what low gets."""


async def run_worker(
    ports: Ports,
    engine: ImageEngine,
    settings: WorkerSettings,
    stopping: Stopping,
    readiness: Readiness,
    clock: Clock = utc_now,
) -> None:
    """Develop chunks until stopping, then finish those in hand."""
    # Two images per child: while one is developed, the next is read and the last one's prints are written.
    images = ImageDeveloper(ports.objects, engine, settings.worker_id, 2 * settings.worker_children)
    leases = Leases(ports.chunks, settings.worker_id, clock, settings.lease_seconds)
    handlers = WorkerHandlers(
        RecentBatches(ports.batches, clock),
        ports.chunks,
        ports.publisher,
        ResultOutbox(ports.publisher),
        images,
        leases,
        clock,
        settings.worker_id,
    )
    started_at = clock()

    async def heartbeat() -> None:
        await leases.renew()
        await ports.workers.report(
            WorkerRecord(
                id=settings.worker_id,
                host=socket.gethostname(),
                slots=settings.worker_children,
                developed_images=images.developed_images,
                started_at=started_at,
                seen_at=clock(),
            )
        )

    consumed = Stopping()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        # The heartbeat outlives `stopping`, so that chunks being finished keep their leases.
        beating = tasks.create_task(
            run_every(settings.heartbeat_seconds, heartbeat, consumed, name="heartbeat", readiness=readiness),
            name="heartbeat",
        )
        consumers = []
        for priority, queue in CHUNKS.items():
            in_hand = max(1, round(settings.worker_chunks_in_hand * SHARE_OF_CHUNKS[priority]))
            subscription = await stack.enter_async_context(ports.subscriber.subscribe(queue, in_hand))
            consumers.append(
                tasks.create_task(
                    consume_each(
                        subscription, ChunkReady, handlers.chunk_ready, concurrency=in_hand, stopping=stopping
                    ),
                    name=f"chunks-{priority}",
                )
            )
        await asyncio.gather(*consumers)
        consumed.set()
        await beating
