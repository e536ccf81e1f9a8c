"""All four services in one process, on servers in memory or on real ones."""

import asyncio

from services.chunker.service import run_chunker
from services.chunker.settings import ChunkerSettings
from services.tracker.service import run_tracker
from services.tracker.settings import TrackerSettings
from services.worker.chunks.images import ImageEngine
from services.worker.service import run_worker
from services.worker.settings import WorkerSettings
from shared.ports import Ports
from shared.running.lifecycle import Readiness, Stopping


async def run_pipeline(
    ports: Ports, engine: ImageEngine, stopping: Stopping, readiness: Readiness | None = None
) -> None:
    """Run chunker, worker and tracker until stopping; the tracker last, so that it hears every result."""
    readiness = readiness or Readiness()
    last = Stopping()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_tracker(ports, TrackerSettings(), last, readiness), name="tracker")
        async with asyncio.TaskGroup() as producers:
            producers.create_task(run_chunker(ports, ChunkerSettings(), stopping, readiness), name="chunker")
            producers.create_task(run_worker(ports, engine, WorkerSettings(), stopping, readiness), name="worker")
        last.set()
