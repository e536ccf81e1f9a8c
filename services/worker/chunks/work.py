"""A chunk while it is developed: its images side by side, or, once it has lost workers, each with nothing beside it."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import cast

import structlog

from services.worker.children.process import ChildNotStartedError
from services.worker.chunks.claims import Claims
from services.worker.chunks.images import BatchInactiveError, ImageDeveloper, WorkerStoppingError
from services.worker.chunks.places import Places
from services.worker.chunks.results import ResultOutbox
from shared.documents import Chunk, Outcome
from shared.errors import BrokerUnavailableError, DarkroomError, DocumentsUnavailableError, TransientError
from shared.messaging.messages import ImageResult
from shared.running.backoff import Backoff
from shared.running.lifecycle import Stopping

log = structlog.get_logger()

SUSPICIOUS_LOSSES = 2
"""A chunk that has lost so many workers may hold the reason: from then on each of its images is a suspect in turn."""

MAX_SUSPICIONS = 3
"""An image that was alone in the hands of so many lost workers is failed by name."""

LINE_LOOK_SECONDS = 0.5
"""Between two looks whether images that wait for a place may still be begun."""

CRASHED_SENTENCE = "Developing this image ended its worker each time. Check the file, or upload it in another format."

GRAVITY: tuple[type[Exception], ...] = (
    DocumentsUnavailableError,
    BrokerUnavailableError,
    ChildNotStartedError,
    BatchInactiveError,
    WorkerStoppingError,
)
"""What keeps a chunk from being finished and is no fault of its images comes before what is."""


@dataclass
class ChunkWork:
    """A chunk that was claimed, and what this worker knows of its images exclude."""

    chunk: Chunk
    outcomes: dict[int, Outcome]

    @property
    def unfinished_indexes(self) -> Sequence[int]:
        """The images that are still to be developed, in order."""
        return [index for index in self.chunk.unfinished_indexes if index not in self.outcomes]


class ClaimLostError(BatchInactiveError):
    """Another worker has taken the chunk."""


class _Line:
    """The images of one chunk that wait for a place."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Task[None]] = set()
        self._reason: Exception | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether any image waits."""
        return bool(self._waiting)

    async def wait_for(self, place: Awaitable[None]) -> None:
        """Have the calling task wait for its place; raises the reason if the line is dissolved before."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._waiting.add(task)
        try:
            await place
        except asyncio.CancelledError:
            if self._reason is None:
                raise
            raise self._reason from None
        finally:
            self._waiting.discard(task)

    def dissolve(self, reason: Exception) -> None:
        """Let nobody wait any more; those that have a place keep it."""
        self._reason = reason
        for task in self._waiting:
            task.cancel()


class Developing:
    """Develops what is unfinished in a chunk and tells each result."""

    def __init__(
        self, claims: Claims, images: ImageDeveloper, results: ResultOutbox, places: Places, stopping: Stopping
    ) -> None:
        self._claims = claims
        self._images = images
        self._results = results
        self._places = places
        self._stopping = stopping

    @property
    def is_able(self) -> bool:
        """Whether images can be developed, as far as is known."""
        return self._images.is_able

    async def develop(self, work: ChunkWork) -> Exception | None:
        """Develop all images without an outcome; siblings of one that fails for now go on. Answers such a failure.

        On return every image has its outcome in `work`, and its result is confirmed, or there is a failure.
        """
        if work.chunk.losses >= SUSPICIOUS_LOSSES:
            return await self._develop_one_by_one(work)
        line = _Line()
        images = [
            asyncio.create_task(self._develop_beside_others(work, index, line)) for index in work.unfinished_indexes
        ]
        watching = asyncio.create_task(self._watch(work.chunk, line))
        try:
            failures = await asyncio.gather(*images, return_exceptions=True)
        finally:
            watching.cancel()
        return _gravest(failures)

    async def _watch(self, chunk: Chunk, line: "_Line") -> None:
        """Dissolve the line once no image of the chunk may be begun.

        At its head each would hear the same; but until then the chunk would be in hand for nothing, behind the images
        of other batches, and the end of its own would wait for it.
        """
        while line.is_waiting:
            await asyncio.sleep(LINE_LOOK_SECONDS)
            try:
                await self._images.recipe(chunk)
            except (BatchInactiveError, WorkerStoppingError) as reason:
                line.dissolve(reason)
            except DarkroomError:
                continue  # whoever comes to the head of the line hears of it

    async def _develop_one_by_one(self, work: ChunkWork) -> Exception | None:
        log.warning("chunk_suspected", batch_id=work.chunk.batch_id, chunk_id=work.chunk.id, losses=work.chunk.losses)
        failures: list[Exception] = []
        for index in work.unfinished_indexes:
            try:
                await self._develop_suspect(work, index)
            except Exception as failure:  # noqa: BLE001 - was logged; one image must not hold up its siblings
                failures.append(failure)
                if isinstance(failure, GRAVITY):
                    break
        return _gravest(failures)

    async def _develop_beside_others(self, work: ChunkWork, index: int, line: "_Line") -> None:
        async with AsyncExitStack() as held:
            await line.wait_for(held.enter_async_context(self._places.one()))
            result = await self._developed(work, index)
        await self._results.tell(result)

    async def _develop_suspect(self, work: ChunkWork, index: int) -> None:
        chunk = work.chunk
        if chunk.suspicions.get(str(index), 0) >= MAX_SUSPICIONS:
            log.error("image_ended_its_workers", batch_id=chunk.batch_id, chunk_id=chunk.id, image_index=index)
            result: ImageResult = self._images.failed(chunk, index, "crashed", CRASHED_SENTENCE)
            work.outcomes[index] = result.outcome
        else:
            async with self._places.all():
                result = await self._developed_alone(work, index)
        await self._results.tell(result)

    async def _developed_alone(self, work: ChunkWork, index: int) -> ImageResult:
        """Develop an image with word in its chunk's document that nothing else was going on meanwhile."""
        await self._images.recipe(work.chunk)  # nobody is suspected of what is not begun
        if not await self._claims.suspect(work.chunk.id, index):
            raise ClaimLostError(f"chunk {work.chunk.id} was taken by another worker")
        try:
            return await self._developed(work, index)
        finally:
            await self._clear(work.chunk, index)

    async def _clear(self, chunk: Chunk, index: int) -> None:
        """Take the word back. Nothing else is begun before, for it would be this image that is suspected of it."""
        backoff = Backoff(self._stopping.sleep)
        while True:
            try:
                await self._claims.suspect(chunk.id, None)
            except TransientError:
                log.warning("suspect_not_cleared", batch_id=chunk.batch_id, chunk_id=chunk.id, image_index=index)
            else:
                return
            if self._stopping.is_set:
                return
            await backoff.pause()

    async def _developed(self, work: ChunkWork, index: int) -> ImageResult:
        chunk = work.chunk
        context = {"batch_id": chunk.batch_id, "chunk_id": chunk.id, "image_index": index}
        try:
            result = await self._images.develop(chunk, index)
        except (WorkerStoppingError, BatchInactiveError):
            raise
        except DarkroomError as error:
            log.warning("image_postponed", **context, code=error.code, error=str(error))
            raise
        except Exception:
            log.exception("image_handling_failed", **context)
            raise
        work.outcomes[index] = result.outcome
        log.debug("image_developed", **context, result=result.type)
        return result


def _gravest(failures: Sequence[BaseException | None]) -> Exception | None:
    """The failure that says what is to be done with the chunk. Raises what is no `Exception`."""
    causes: list[Exception] = []
    for failure in failures:
        if isinstance(failure, Exception):
            causes.append(failure)
        elif failure is not None:
            raise failure
    for kind in GRAVITY:
        for cause in causes:
            if isinstance(cause, kind):
                return cause
    return causes[-1] if causes else None
