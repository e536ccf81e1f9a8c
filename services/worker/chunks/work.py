"""A chunk while it is developed: its images side by side, or, once it has lost workers, each with nothing beside it."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import structlog

from services.worker.children.process import ChildNotStartedError
from services.worker.chunks.admission import Admission, BatchInactiveError, WorkerStoppingError
from services.worker.chunks.claims import Claims
from services.worker.chunks.images import ImageDeveloper
from services.worker.chunks.results import ResultOutbox
from services.worker.chunks.slots import WorkerSlots
from services.worker.chunks.turns import Turn
from services.worker.chunks.waiting_images import WaitingImages
from services.worker.chunks.work_periods import WorkPeriods
from shared.documents import Chunk, Outcome
from shared.errors import BrokerUnavailableError, DarkroomError, DocumentsUnavailableError, TransientError
from shared.failure_codes import FailureCode
from shared.messaging.messages import ImageFailed, ImageResult
from shared.running.backoff import Backoff
from shared.running.lifecycle import Stopping

log = structlog.get_logger()

SUSPICIOUS_LOSSES = 2
"""A chunk that has lost so many workers may hold the reason: from then on its images are developed one by one."""

MAX_SUSPICIONS = 3
"""An image that was developed alone by so many workers that were lost is failed."""

WAITING_CHECK_SECONDS = 0.5
"""Between two checks whether images that wait for a slot may still be begun."""

CRASHED_SENTENCE = "Developing this image ended its worker each time. Check the file, or upload it in another format."

NO_FAULT_OF_THE_IMAGES: tuple[type[Exception], ...] = (
    DocumentsUnavailableError,
    BrokerUnavailableError,
    ChildNotStartedError,
    BatchInactiveError,
    WorkerStoppingError,
)
"""What keeps a chunk from being finished though its images may be sound, the gravest first."""


@dataclass
class ChunkWork:
    """A chunk that was claimed, and the outcomes that this worker knows beside those in its document."""

    chunk: Chunk
    outcomes: dict[int, Outcome]
    turn: Turn
    is_proof: bool = False

    @property
    def unfinished_indexes(self) -> Sequence[int]:
        """The images that are still to be developed, in order."""
        return [index for index in self.chunk.unfinished_indexes if index not in self.outcomes]


class ClaimLostError(BatchInactiveError):
    """Another worker has taken the chunk."""


@dataclass(frozen=True)
class Developing:
    """Develops what is unfinished in a chunk and publishes each result."""

    claims: Claims
    admission: Admission
    images: ImageDeveloper
    results: ResultOutbox
    slots: WorkerSlots
    periods: WorkPeriods
    stopping: Stopping

    @property
    def is_able(self) -> bool:
        """Whether images can be developed, as far as is known."""
        return self.images.is_able

    async def develop(self, work: ChunkWork) -> Exception | None:
        """Develop all images without an outcome; siblings of one that fails for now go on. Answers such a failure.

        On return every image has its outcome in `work`, and its result is confirmed, or there is a failure.
        """
        if work.chunk.losses >= SUSPICIOUS_LOSSES:
            return await self._develop_one_by_one(work)
        waiting = WaitingImages()
        images = [
            asyncio.create_task(self._develop_beside_others(work, index, waiting), name=f"image-{index}")
            for index in work.unfinished_indexes
        ]
        watching = asyncio.create_task(self._watch(work.chunk, waiting), name="watch-chunk")
        try:
            failures = await asyncio.gather(*images, return_exceptions=True)
        finally:
            watching.cancel()
        return _gravest(failures)

    async def _watch(self, chunk: Chunk, waiting: WaitingImages) -> None:
        """End the waiting once no image of the chunk may be begun.

        Each image would be refused when it gets a slot. Until then the chunk would stay claimed, behind images of other
        batches, and the end of its own batch would wait for it.
        """
        while waiting:
            await asyncio.sleep(WAITING_CHECK_SECONDS)
            try:
                await self.admission.admit(chunk)
            except (BatchInactiveError, WorkerStoppingError) as reason:
                waiting.stop(reason)
            except DarkroomError:
                continue  # the first image that gets a slot meets it

    async def _develop_one_by_one(self, work: ChunkWork) -> Exception | None:
        log.warning("chunk_suspected", batch_id=work.chunk.batch_id, chunk_id=work.chunk.id, losses=work.chunk.losses)
        failures: list[Exception] = []
        for index in work.unfinished_indexes:
            try:
                await self._develop_suspect(work, index)
            except Exception as failure:  # noqa: BLE001 - was logged; one image must not hold up its siblings
                failures.append(failure)
                if isinstance(failure, NO_FAULT_OF_THE_IMAGES):
                    break
        return _gravest(failures)

    async def _develop_beside_others(self, work: ChunkWork, index: int, waiting: WaitingImages) -> None:
        async with AsyncExitStack() as held:
            # Only the waiting can be ended: an image that has its slot is developed.
            await waiting.wait_for(held.enter_async_context(self.slots.one(work.turn)))
            result = await self._develop_image(work, index)
        self.slots.correct(work.turn, result.cpu_ms)
        await self.results.publish(result)

    async def _develop_suspect(self, work: ChunkWork, index: int) -> None:
        if work.chunk.suspicions.get(str(index), 0) >= MAX_SUSPICIONS:
            result: ImageResult = self.images.failed(work.chunk, index, FailureCode.CRASHED, CRASHED_SENTENCE)
            self._note(work, index, result)
        else:
            async with self.slots.all(work.turn):
                result = await self._develop_alone(work, index)
        await self.results.publish(result)

    async def _develop_alone(self, work: ChunkWork, index: int) -> ImageResult:
        """Develop an image while its chunk's document says that nothing else is in hand."""
        await self.admission.admit(work.chunk)  # an image that is not begun is no suspect
        if not await self.claims.suspect(work.chunk.id, index):
            raise ClaimLostError(f"chunk {work.chunk.id} was taken by another worker")
        try:
            return await self._develop_image(work, index)
        finally:
            await self._clear_suspicion(work.chunk, index)

    async def _clear_suspicion(self, chunk: Chunk, index: int) -> None:
        """Remove the suspicion before another image is begun: a worker lost by that one would be blamed on this."""
        backoff = Backoff(self.stopping.sleep)
        while True:
            try:
                await self.claims.suspect(chunk.id, None)
            except TransientError:
                log.warning("suspect_not_cleared", **_ids(chunk, index))
            else:
                return
            if self.stopping.is_set:
                return
            await backoff.pause()

    async def _develop_image(self, work: ChunkWork, index: int) -> ImageResult:
        ids = _ids(work.chunk, index)
        try:
            # The engine logs without knowing of chunks.
            with structlog.contextvars.bound_contextvars(**ids):
                result = await self.images.develop(work.chunk, index)
        except (WorkerStoppingError, BatchInactiveError):
            raise
        except DarkroomError as error:
            log.warning("image_postponed", **ids, code=error.code, error=str(error))
            raise
        except Exception:
            log.exception("image_handling_failed", **ids)
            raise
        self._note(work, index, result)
        return result

    def _note(self, work: ChunkWork, index: int, result: ImageResult) -> None:
        """Note an image's outcome; a failed one is counted and a line in the log, a completed one is neither here."""
        work.outcomes[index] = result.outcome
        if isinstance(result, ImageFailed):
            log.info("image_failed", **_ids(work.chunk, index), code=result.code, error=result.message)
            if not work.is_proof:
                self.periods.count_failed(result.code)


def _ids(chunk: Chunk, index: int) -> dict[str, Any]:
    return {"batch_id": chunk.batch_id, "chunk_id": chunk.id, "image_index": index}


def _gravest(failures: Sequence[BaseException | None]) -> Exception | None:
    """The failure that says what is to be done with the chunk. Raises what is no `Exception`."""
    causes: list[Exception] = []
    for failure in failures:
        if isinstance(failure, Exception):
            causes.append(failure)
        elif failure is not None:
            raise failure
    for kind in NO_FAULT_OF_THE_IMAGES:
        for cause in causes:
            if isinstance(cause, kind):
                return cause
    return causes[-1] if causes else None
