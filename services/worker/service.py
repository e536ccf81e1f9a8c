"""The worker's loops: one consumer per queue of chunks, and its heartbeat."""

import asyncio
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import structlog

from services.worker.children.process import ChildNotStartedError
from services.worker.chunks.admission import Admission
from services.worker.chunks.claims import Claims
from services.worker.chunks.images import ImageDeveloper, ImageEngine
from services.worker.chunks.measured_engine import MeasuredEngine
from services.worker.chunks.recent_batches import RecentBatches
from services.worker.chunks.results import ResultOutbox
from services.worker.chunks.slots import WorkerSlots
from services.worker.chunks.work import Developing
from services.worker.chunks.work_periods import WorkPeriods
from services.worker.handlers import WorkerHandlers
from services.worker.metrics import ImageCounts, WorkerMetrics
from services.worker.settings import WorkerSettings
from shared.documents import TAKES_EXPRESS, WorkerRecord
from shared.errors import DocumentsUnavailableError, TransientError
from shared.messaging.messages import ChunkReady
from shared.messaging.topology import CHUNKS, EXPRESS
from shared.metrics.observed import observed
from shared.metrics.stages import StageSeconds
from shared.ports import Ports, Subscriber, WorkerRegister
from shared.running.clock import Clock, utc_now
from shared.running.consuming import consume_each
from shared.running.lifecycle import Readiness, Stopping, repeat

log = structlog.get_logger()

EXPRESS_IN_HAND = 8
"""Express chunks in hand, as a multiple of those of a lane: the first work of a large batch has several, and another
batch's chunk behind them in the queue would wait for all of them. In hand they take turns."""


@dataclass(frozen=True)
class Heartbeat:
    """Says regularly that this worker is alive: to the chunks that it has in hand, and to people."""

    workers: WorkerRegister
    claims: Claims
    images: ImageDeveloper
    slots: WorkerSlots
    settings: WorkerSettings
    clock: Clock
    started_at: datetime

    async def beat(self) -> None:
        await self.claims.renew()
        await self.workers.report(
            WorkerRecord(
                id=self.settings.worker_id,
                host=socket.gethostname(),
                slots=self.settings.worker_children,
                developed_images=self.images.developed_images,
                images_in_hand=self.slots.images_in_hand,
                capabilities=(TAKES_EXPRESS,),
                started_at=self.started_at,
                seen_at=self.clock(),
            )
        )


async def run_worker(
    ports: Ports,
    engine: ImageEngine,
    settings: WorkerSettings,
    stopping: Stopping,
    readiness: Readiness,
    clock: Clock = utc_now,
) -> None:
    """Develop chunks until stopping, then finish those in hand."""
    batches = RecentBatches(ports.batches, clock)
    admission = Admission(batches, stopping)
    claims = Claims(
        ports.chunks,
        settings.worker_id,
        clock,
        lease_seconds=settings.lease_seconds,
        heartbeat_seconds=settings.heartbeat_seconds,
    )
    periods = WorkPeriods(ports.statistics, claims.holder, settings.worker_children, clock)
    stages = ports.metrics.of(StageSeconds)
    objects = observed(ports.objects, stages.of_calls({"get": "fetch", "put": "store"}))
    measured_engine = MeasuredEngine(engine, stages)
    images = ImageDeveloper(admission, objects, ports.manifests, measured_engine, settings.worker_id, periods)
    slots = WorkerSlots(settings.images_in_hand)
    results = ResultOutbox(observed(ports.publisher, stages.of_calls({"publish": "publish"})))
    developing = Developing(claims, admission, images, results, slots, periods, stopping)
    handlers = WorkerHandlers(batches, claims, developing, ports.publisher, periods, stopping)
    heartbeat = Heartbeat(ports.workers, claims, images, slots, settings, clock, clock())
    ports.metrics.registry.register(_metrics(periods, slots, settings))
    consumed = Stopping()
    async with asyncio.TaskGroup() as tasks:
        # The heartbeat outlives `stopping`, so that chunks being finished keep their leases.
        repeat(tasks, "heartbeat", settings.heartbeat_seconds, heartbeat.beat, consumed, readiness)
        # Without the readiness: missing figures keep a worker from nothing.
        repeat(tasks, "statistics", settings.heartbeat_seconds, periods.write, consumed)
        repeat(tasks, "children", settings.heartbeat_seconds, engine.check, stopping, readiness)
        await _consume(ports.subscriber, handlers, settings.chunks_in_hand, stopping)
        consumed.set()
    await _write_last(periods)


def _metrics(periods: WorkPeriods, slots: WorkerSlots, settings: WorkerSettings) -> WorkerMetrics:
    return WorkerMetrics(
        images=lambda: ImageCounts(periods.completed_images, periods.failed_images),
        children=settings.worker_children,
        busy_children=lambda: periods.busy_slots,
        images_in_hand=lambda: slots.images_in_hand,
    )


async def _write_last(periods: WorkPeriods) -> None:
    try:
        await periods.write()
    except TransientError:
        # They are not worth keeping a service that stops.
        log.warning("statistics_not_written", exc_info=True)


async def _consume(subscriber: Subscriber, handlers: WorkerHandlers, chunks_in_hand: int, stopping: Stopping) -> None:
    """Consume every queue of chunks until stopping; their shares come from the slots."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        for queue in (EXPRESS, *CHUNKS.values()):
            in_hand = EXPRESS_IN_HAND * chunks_in_hand if queue is EXPRESS else chunks_in_hand
            subscription = await stack.enter_async_context(subscriber.subscribe(queue, in_hand))
            tasks.create_task(
                consume_each(
                    subscription,
                    ChunkReady,
                    handlers.chunk_ready,
                    concurrency=in_hand,
                    stopping=stopping,
                    patient_with=(DocumentsUnavailableError, ChildNotStartedError),
                ),
                name=queue.name,
            )
