"""One image on its way through a worker: fetched, developed in a child, its prints stored."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from services.worker.chunks.admission import Admission
from services.worker.chunks.work_periods import WorkPeriods
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.prints import DevelopedImage, EncodedPrint
from shared.documents import Batch, Chunk, ManifestEntry, Original, Print
from shared.errors import ObjectMissingError, ObjectRejectedError
from shared.failure_codes import FailureCode
from shared.messaging.messages import ImageCompleted, ImageFailed
from shared.object_keys import original_key, print_key
from shared.ports import ManifestStore, ObjectStore
from shared.recipes import Recipe
from shared.running.gathering import gather_all

MAX_HASHED_AT_ONCE_BYTES = 1024 * 1024
"""A larger print's SHA-256 is computed in a thread, so that the event loop never waits for more than milliseconds."""

MayBegin = Callable[[], Awaitable[object]]
"""Awaited right before an image is begun; an error that it raises is raised instead."""


class ImageEngine(Protocol):
    """Turns bytes into prints, away from the event loop."""

    async def develop(self, data: bytes, recipe: Recipe, may_begin: MayBegin) -> DevelopedImage:
        """Develop one image as soon as there is room for it; raises `ImageRejected` when that can never succeed.

        Also raises what `may_begin` does.
        """

    @property
    def is_able(self) -> bool:
        """Whether images can be developed, as far as is known."""

    async def check(self) -> None:
        """Find out whether images can be developed again if they could not; raise if they cannot."""


@dataclass
class ImageDeveloper:
    """Develops single images. Keys are deterministic, so a second time overwrites the first with the same bytes."""

    admission: Admission
    objects: ObjectStore
    manifests: ManifestStore
    engine: ImageEngine
    worker_id: str
    periods: WorkPeriods
    developed_images: int = 0

    @property
    def is_able(self) -> bool:
        """Whether images can be developed, as far as is known."""
        return self.engine.is_able

    async def develop(self, chunk: Chunk, index: int) -> ImageCompleted | ImageFailed:
        """Make and store every print of one image.

        Answers `ImageFailed` when it can never succeed; raises `TransientError` when it may succeed later, and what
        `Admission.admit` raises instead of beginning an image.
        """
        batch = await self.admission.admit(chunk)
        started = time.monotonic()
        try:
            data = await self.objects.get(await self._original_key(batch, index))
            developed = await self._develop(chunk, data, batch.recipe)
            prints = await self._store_prints(chunk, index, developed)
        except (ImageRejected, ObjectRejectedError) as rejected:
            cpu_ms = rejected.cpu_ms if isinstance(rejected, ImageRejected) else 0
            failed = self.failed(chunk, index, rejected.code, rejected.message, cpu_ms)
            return failed.model_copy(update={"duration_ms": _milliseconds_since(started)})
        except ObjectMissingError:
            return await self._failed_without_original(chunk, index)
        self.developed_images += 1  # proofs too: the heartbeat says how busy the worker is
        completed = ImageCompleted(
            batch_id=chunk.batch_id,
            chunk=chunk.number,
            index=index,
            chunk_images=len(chunk.indexes),
            prints=prints,
            original=Original.model_validate(developed, from_attributes=True),
            duration_ms=_milliseconds_since(started),
            cpu_ms=developed.cpu_ms,
            size_bytes=len(data),
            timings_ms={stage: round(took) for stage, took in developed.timings_ms.items() if round(took)},
            worker=self.worker_id,
        )
        if not batch.is_proof:
            self.periods.count_developed(completed, len(data))
        return completed

    async def _develop(self, chunk: Chunk, data: bytes, recipe: Recipe) -> DevelopedImage:
        with self.periods.busy_slot() as begin:

            async def may_begin() -> None:
                # Asked again, as the images before it may take seconds: what was cancelled meanwhile is not begun.
                await self.admission.admit(chunk)
                begin()

            return await self.engine.develop(data, recipe, may_begin)

    def failed(self, chunk: Chunk, index: int, code: str, message: str, cpu_ms: int = 0) -> ImageFailed:
        """The result of an image that can never be developed."""
        return ImageFailed(
            batch_id=chunk.batch_id,
            chunk=chunk.number,
            index=index,
            chunk_images=len(chunk.indexes),
            code=code,
            message=message,
            cpu_ms=cpu_ms,
            worker=self.worker_id,
        )

    async def _original_key(self, batch: Batch, index: int) -> str:
        entry = await self._entry(batch.id, index) if batch.was_draft else None
        return original_key(batch.id, index) if entry is None else entry.original_key(batch.id)

    async def _entry(self, batch_id: str, index: int) -> ManifestEntry | None:
        return next(iter(await self.manifests.entries(batch_id, index, 1)), None)

    async def _failed_without_original(self, chunk: Chunk, index: int) -> ImageFailed:
        # Only now: a manifest that is read for every image would cost more than the few files that are unfit.
        entry = await self._entry(chunk.batch_id, index)
        if entry is not None and entry.unfit is not None:
            return self.failed(chunk, index, entry.unfit.code, entry.unfit.message)
        message = "The uploaded file is no longer in the object store; upload it again."
        return self.failed(chunk, index, FailureCode.ORIGINAL_MISSING, message)

    async def _store_prints(self, chunk: Chunk, index: int, developed: DevelopedImage) -> tuple[Print, ...]:
        puts = (
            self.objects.put(print_key(chunk.batch_id, index, made.output, made.extension, chunk.generation), made.data)
            for made in developed.outputs
        )
        await gather_all(puts)
        return tuple([await _print(made, chunk.generation) for made in developed.outputs])


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


async def _print(made: EncodedPrint, generation: int) -> Print:
    facts = {"generation": generation, "sha256": await _sha256(made.data)}
    return Print.model_validate(made, from_attributes=True).model_copy(update=facts)


async def _sha256(data: bytes) -> str:
    if len(data) <= MAX_HASHED_AT_ONCE_BYTES:
        return hashlib.sha256(data).hexdigest()
    return (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()
