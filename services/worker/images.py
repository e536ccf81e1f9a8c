"""One image on its way through a worker: fetched, developed in a child, its prints stored, its result told."""

import asyncio
import time
from typing import Protocol

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.prints import DevelopedImage
from shared.documents import Print, original_key, print_key
from shared.errors import ObjectMissingError, TransientError
from shared.lifecycle import Stopping
from shared.messages import ImageCompleted, ImageFailed
from shared.ports import ObjectStore
from shared.recipes import Recipe


class ImageEngine(Protocol):
    """Turns bytes into prints, away from the event loop."""

    async def develop(self, data: bytes, recipe: Recipe) -> DevelopedImage:
        """Develop one image; raises `ImageRejected` when that can never succeed."""


class WorkerStoppingError(TransientError):
    """The worker begins no more images; another one will."""

    code = "worker_stopping"


class ImageDeveloper:
    """Develops single images. Keys are deterministic, so a second time overwrites the first with the same bytes."""

    def __init__(
        self, objects: ObjectStore, engine: ImageEngine, worker_id: str, images_in_hand: int, stopping: Stopping
    ) -> None:
        self._objects = objects
        self._engine = engine
        self._worker_id = worker_id
        self._stopping = stopping
        # Bounds the originals and prints in memory: some being read or written while the children are busy.
        self._in_hand = asyncio.Semaphore(images_in_hand)
        self.developed_images = 0

    async def develop(self, batch_id: str, chunk: int, index: int, recipe: Recipe) -> ImageCompleted | ImageFailed:
        """Make and store every print of one image.

        Answers `ImageFailed` when it can never succeed; raises `TransientError` when it may succeed later, and
        `WorkerStoppingError` instead of beginning an image when the worker should stop.
        """
        async with self._in_hand:
            if self._stopping.is_set:
                raise WorkerStoppingError("the worker is stopping")
            started = time.monotonic()
            try:
                prints = await self._prints(batch_id, index, recipe)
            except ImageRejected as rejected:
                return self._failed(batch_id, chunk, index, rejected.code, rejected.message)
            except ObjectMissingError:
                message = "The uploaded file is no longer in the object store; upload it again."
                return self._failed(batch_id, chunk, index, "original_missing", message)
            self.developed_images += 1
            return ImageCompleted(
                batch_id=batch_id,
                chunk=chunk,
                index=index,
                prints=prints,
                duration_ms=round((time.monotonic() - started) * 1000),
                worker=self._worker_id,
            )

    async def _prints(self, batch_id: str, index: int, recipe: Recipe) -> tuple[Print, ...]:
        original = await self._objects.get(original_key(batch_id, index))
        developed = await self._engine.develop(original, recipe)
        puts = (
            self._objects.put(print_key(batch_id, index, made.output, made.extension), made.data)
            for made in developed.outputs
        )
        # No TaskGroup: its group of errors would hide that the trouble is transient, and what it is.
        for problem in await asyncio.gather(*puts, return_exceptions=True):
            if problem is not None:
                raise problem
        return tuple(
            Print(
                output=made.output,
                extension=made.extension,
                media_type=made.media_type,
                width=made.width,
                height=made.height,
                size_bytes=len(made.data),
            )
            for made in developed.outputs
        )

    def _failed(self, batch_id: str, chunk: int, index: int, code: str, message: str) -> ImageFailed:
        return ImageFailed(
            batch_id=batch_id, chunk=chunk, index=index, code=code, message=message, worker=self._worker_id
        )
