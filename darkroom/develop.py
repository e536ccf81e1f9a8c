"""Develops a person's own files through the embedded pipeline: the same services, everything in this process."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from darkroom.embedded import run_pipeline
from darkroom.local_objects import LocalPhotographs
from darkroom.photographs import Photograph
from services.worker.children.pool import started_children
from services.worker.settings import WorkerSettings
from shared.documents import MANIFEST_PAGE_IMAGES, Batch, ManifestEntry, ManifestPage, Outcome
from shared.messaging.messages import BatchSubmitted
from shared.ports import Ports
from shared.recipes import Recipe
from shared.running.clock import utc_now
from shared.running.lifecycle import Stopping
from shared.wiring import open_memory_ports

CHUNK_IMAGES = 10
REFRESH_SECONDS = 0.1


@dataclass(frozen=True)
class Developed:
    """What became of one photograph: `outcome` is None if it was never reached; `prints` are the files written."""

    photograph: Photograph
    outcome: Outcome | None
    prints: tuple[Path, ...]


async def develop(
    photographs: Sequence[Photograph],
    out: Path,
    recipe: Recipe,
    on_progress: Callable[[Batch], None],
    on_full: Callable[[], None],
    stopping: Stopping,
) -> list[Developed]:
    """Develop every photograph; answers one entry for each, in order, also when it is stopped before the end.

    A full disk stops it, after a call of `on_full`. Raises `ChildNotStartedError`.
    """

    def stop_on_full() -> None:
        on_full()
        stopping.set()

    limits = WorkerSettings()
    # More children than photographs would be started for nothing.
    limits = limits.model_copy(update={"worker_children": min(limits.worker_children, len(photographs))})
    objects = LocalPhotographs(
        photographs, out, limits.max_file_bytes, outputs=len(recipe.outputs), on_full=stop_on_full
    )
    async with AsyncExitStack() as stack:
        stack.callback(objects.discard_partial_prints)
        ports = await stack.enter_async_context(open_memory_ports(objects))
        engine = await stack.enter_async_context(started_children(limits))
        batch = await _record(ports, photographs, recipe)
        async with asyncio.TaskGroup() as tasks:
            services = tasks.create_task(run_pipeline(ports, engine, stopping), name="services")
            await ports.publisher.publish(BatchSubmitted(batch_id=batch.id))
            await _follow(ports, batch.id, on_progress, stopping)
            stopping.set()
            await services
        return await _results(ports, batch.id, photographs, objects)


async def _record(ports: Ports, photographs: Sequence[Photograph], recipe: Recipe) -> Batch:
    now = utc_now()
    batch = Batch(
        id=str(uuid4()),
        name="develop",
        recipe=recipe,
        total_images=len(photographs),
        chunk_size=CHUNK_IMAGES,
        created_at=now,
        dispatched_at=now,
    )
    for page, first in enumerate(range(0, len(photographs), MANIFEST_PAGE_IMAGES)):
        entries = tuple(
            ManifestEntry(index=index, name=photographs[index].label, size_bytes=0)
            for index in range(first, min(first + MANIFEST_PAGE_IMAGES, len(photographs)))
        )
        await ports.manifests.add(ManifestPage(batch_id=batch.id, page=page, entries=entries))
    await ports.batches.add(batch)
    return batch


async def _follow(ports: Ports, batch_id: str, on_progress: Callable[[Batch], None], stopping: Stopping) -> None:
    while not stopping.is_set:
        batch = await ports.batches.get(batch_id)
        if batch is not None:
            on_progress(batch)
            if batch.is_finished:
                return
        await stopping.sleep(REFRESH_SECONDS)


async def _results(
    ports: Ports, batch_id: str, photographs: Sequence[Photograph], objects: LocalPhotographs
) -> list[Developed]:
    outcomes: dict[int, Outcome] = {}
    for first in range(0, len(photographs), MANIFEST_PAGE_IMAGES):
        for chunk in await ports.chunks.overlapping(batch_id, first, MANIFEST_PAGE_IMAGES):
            outcomes |= {int(index): outcome for index, outcome in chunk.outcomes.items()}
    return [_developed(index, photograph, outcomes.get(index), objects) for index, photograph in enumerate(photographs)]


def _developed(index: int, photograph: Photograph, outcome: Outcome | None, objects: LocalPhotographs) -> Developed:
    made = outcome.prints if outcome else ()
    return Developed(
        photograph, outcome, tuple(objects.print_path(index, entry.output, entry.extension) for entry in made)
    )
