"""What a worker does with a chunk: claim it, develop the images that have no outcome yet, tell each result."""

import asyncio
import random

import structlog

from services.worker.images import ImageDeveloper, WorkerStoppingError
from services.worker.leases import Leases
from services.worker.recent_batches import RecentBatches
from services.worker.results import ResultOutbox
from shared.documents import Chunk
from shared.errors import DarkroomError, TransientError
from shared.lifecycle import Stopping
from shared.messages import ChunkFailed, ChunkReady
from shared.ports import ChunkClaims, Publisher
from shared.recipes import Recipe
from shared.topology import RETRY_STEPS

log = structlog.get_logger()

MOST_CLAIMS = 200
"""A chunk claimed more often than this has ended its worker each time; it is given up so that its batch can end. An
outage of the broker costs claims too, some four a minute."""

RETRY_JITTER = 0.25
"""Up to so much of a step's delay is added at random: chunks that failed together do not come back together."""

SENTENCES = {
    "crashed": "Developing this image, or one beside it, ended the worker each time. Upload it again by itself.",
    "storage_unavailable": "The storage could not be reached, at several tries. Upload the image again later.",
    "documents_unavailable": "The database could not be reached, at several tries. Upload the image again later.",
    "child_not_started": "No process could be started to develop the image, at several tries. Upload it again later.",
}
"""What the owner of an image is told when its chunk gives up; the cause itself is in the log."""

MOST_SENTENCE_CHARACTERS = 500
"""Messages stay small, or nobody could read them."""

UNKNOWN_CAUSE = "Darkroom could not develop this image because of a fault of its own; its log says which."


class WorkerHandlers:
    """Develops chunks. Every effect is repeatable, so a chunk handled twice is handled once."""

    def __init__(
        self,
        batches: RecentBatches,
        chunks: ChunkClaims,
        publisher: Publisher,
        results: ResultOutbox,
        images: ImageDeveloper,
        leases: Leases,
        stopping: Stopping,
    ) -> None:
        self._batches = batches
        self._chunks = chunks
        self._publisher = publisher
        self._results = results
        self._images = images
        self._leases = leases
        self._stopping = stopping
        self._in_hand: dict[str, asyncio.Future[bool]] = {}

    async def chunk_ready(self, message: ChunkReady, *, redelivered: bool) -> None:
        """Develop what is unfinished in the chunk; on return every result is confirmed, or a retry is on its way.

        A chunk that this worker has in hand already, because its connection was lost and the message came again, is
        not developed a second time: both deliveries end together.
        """
        in_hand = self._in_hand.get(message.chunk_id)
        if in_hand is not None:
            if not await asyncio.shield(in_hand):
                raise TransientError(f"chunk {message.chunk_id} was not finished by its other delivery")
            return
        finished = self._in_hand[message.chunk_id] = asyncio.get_running_loop().create_future()
        try:
            await self._handle(message, redelivered=redelivered)
            finished.set_result(True)
        finally:
            del self._in_hand[message.chunk_id]
            if not finished.done():
                finished.set_result(False)

    async def _handle(self, message: ChunkReady, *, redelivered: bool) -> None:
        # A redelivery means that the broker saw the former holder go: its lease counts for nothing.
        chunk = await self._chunks.claim(
            message.chunk_id, self._leases.worker_id, self._leases.now(), self._leases.until(), take_over=redelivered
        )
        if chunk is None:
            log.debug("chunk_not_claimed", batch_id=message.batch_id, chunk_id=message.chunk_id)
            return
        if chunk.attempts > MOST_CLAIMS:
            await self._give_up(message, "crashed", f"claimed {chunk.attempts} times")
            return
        batch = await self._batches.get(message.batch_id)
        if batch is None or batch.is_finished:
            log.info("chunk_of_finished_batch", batch_id=message.batch_id, chunk_id=message.chunk_id)
            return
        with self._leases.held(chunk.id):
            cause = await self._develop(chunk, batch.recipe)
        if cause is not None:
            await self._try_again(message, cause)

    async def _develop(self, chunk: Chunk, recipe: Recipe) -> Exception | None:
        """Develop all images without an outcome; siblings of one that fails for now go on. Answers such a failure."""
        unfinished = [index for index in chunk.indexes if str(index) not in chunk.outcomes]
        work = (self._develop_image(chunk, index, recipe) for index in unfinished)
        results = await asyncio.gather(*work, return_exceptions=True)
        causes = [result for result in results if isinstance(result, BaseException)]
        for cause in causes:
            if not isinstance(cause, Exception):
                raise cause
        # That the worker stops is the image's and the chunk's fault least of all.
        causes.sort(key=lambda cause: isinstance(cause, WorkerStoppingError))
        return causes[-1] if causes else None  # type: ignore[return-value]  # only Exceptions are left

    async def _develop_image(self, chunk: Chunk, index: int, recipe: Recipe) -> None:
        context = {"batch_id": chunk.batch_id, "chunk_id": chunk.id, "image_index": index}
        try:
            result = await self._images.develop(chunk.batch_id, chunk.number, index, recipe)
        except WorkerStoppingError:
            raise
        except DarkroomError as error:
            log.warning("image_postponed", **context, code=error.code, error=str(error))
            raise
        except Exception:
            log.exception("image_handling_failed", **context)
            raise
        await self._results.tell(result)
        log.debug("image_developed", **context, result=result.type)

    async def _try_again(self, message: ChunkReady, cause: Exception) -> None:
        if isinstance(cause, WorkerStoppingError):
            await self._chunks.hand_back(message.chunk_id, self._leases.worker_id, self._leases.now())
            raise cause  # so that the message goes back to the queue, as the same attempt
        if message.attempt >= len(RETRY_STEPS):
            code = cause.code if isinstance(cause, DarkroomError) else "internal_error"
            sentence = cause.for_owner if isinstance(cause, TransientError) else None
            await self._give_up(message, code, str(cause) or type(cause).__name__, sentence)
            return
        step = RETRY_STEPS[message.attempt]
        # Jitter only spreads load, so it needs no secure source. A stopping worker does not wait.
        await self._stopping.sleep(random.uniform(0, RETRY_JITTER * step.delay_seconds))  # noqa: S311
        log.info("chunk_retried", batch_id=message.batch_id, chunk_id=message.chunk_id, step=step.name)
        await self._publisher.publish_later(message.model_copy(update={"attempt": message.attempt + 1}), step)
        await self._chunks.hand_back(message.chunk_id, self._leases.worker_id, self._leases.until(step.delay_seconds))

    async def _give_up(self, message: ChunkReady, code: str, cause: str, sentence: str | None = None) -> None:
        log.error("chunk_failed", batch_id=message.batch_id, chunk_id=message.chunk_id, code=code, error=cause)
        sentence = (sentence or SENTENCES.get(code, UNKNOWN_CAUSE))[:MOST_SENTENCE_CHARACTERS]
        sentence = sentence.encode(errors="replace").decode()  # a file name in it may not be UTF-8
        await self._publisher.publish(
            ChunkFailed(batch_id=message.batch_id, chunk=message.chunk, code=code, message=sentence)
        )
