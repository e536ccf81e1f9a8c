"""What a worker does with a chunk's message: claim the chunk, develop it, and retry or give up what failed."""

import asyncio
import random
from dataclasses import dataclass, field

import structlog

from services.worker.children.process import ChildNotStartedError
from services.worker.chunks.admission import BatchInactiveError, WorkerStoppingError
from services.worker.chunks.claims import Claims
from services.worker.chunks.recent_batches import RecentBatches
from services.worker.chunks.turns import turn_of_images
from services.worker.chunks.work import NO_FAULT_OF_THE_IMAGES, ChunkWork, ClaimLostError, Developing
from services.worker.chunks.work_periods import WorkPeriods
from shared.documents import Batch, Chunk
from shared.errors import DarkroomError, TransientError
from shared.failure_codes import FailureCode, failure_sentence
from shared.messaging.messages import ChunkFailed, ChunkReady
from shared.messaging.topology import RETRY_STEPS
from shared.ports import Publisher
from shared.running.lifecycle import Stopping
from shared.running.shielding import shielded

log = structlog.get_logger()

MAX_UNEXPLAINED_LOSSES = 50
"""A chunk that has lost so many workers without a suspect among its images is given up, so that its batch can end."""

RETRY_JITTER = 0.25
"""Up to so much of a step's delay is added at random: chunks that failed together do not come back together."""

BACKOFF_TOLERANCE_SECONDS = 1.0
"""A retry may come so much before its step's delay is over: clocks and the broker's timer differ a little."""

RETRY_SLACK_SECONDS = 15.0
"""A retry that is so much too late counts as lost by the broker, and the chunk is sent again."""

RELEASE_SECONDS = 1.5
"""Longest that an interrupted worker takes to hand a chunk back; without that it costs the next one some seconds."""

CRASHED_CHUNK_SENTENCE = (
    "Developing this image, or one beside it, ended the worker each time. Upload it again by itself."
)

MAX_SENTENCE_CHARACTERS = 500
"""Larger messages could not be read."""

_NO_FAULT_OF_THE_CHUNK = tuple(kind for kind in NO_FAULT_OF_THE_IMAGES if kind is not BatchInactiveError)
"""Failures that use up no try of the chunk: they are waited out, or the message goes back to the queue as it is."""

UNKNOWN_CAUSE = "Darkroom could not develop this image because of a fault of its own; its log says which."


@dataclass(frozen=True)
class WorkerHandlers:
    """Develops chunks. Every effect is repeatable, so a chunk handled twice is handled once."""

    recent_batches: RecentBatches
    claims: Claims
    developing: Developing
    publisher: Publisher
    periods: WorkPeriods
    stopping: Stopping
    _in_hand: dict[str, asyncio.Future[bool]] = field(default_factory=dict)

    async def chunk_ready(self, message: ChunkReady) -> None:
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
            await self._handle(message)
            finished.set_result(True)
        finally:
            del self._in_hand[message.chunk_id]
            if not finished.done():
                finished.set_result(False)

    async def _handle(self, message: ChunkReady) -> None:
        ids = {"batch_id": message.batch_id, "chunk_id": message.chunk_id}
        batch = await self.recent_batches.get(message.batch_id)
        if not _may_go_on(batch):
            batch = await self.recent_batches.newest(message.batch_id)
        if batch is None or not batch.may_be_developed:
            log.info("chunk_of_inactive_batch", **ids)
            return
        if self.stopping.is_set:
            raise WorkerStoppingError("the worker is stopping")
        if not self.developing.is_able:
            # Unclaimed, it is free for others, to whom the reconciler sends it again.
            raise ChildNotStartedError("no image child can be started at present")
        chunk = await self.claims.claim(message.chunk_id)
        if chunk is None:
            log.debug("chunk_not_claimed", **ids)
            return
        outcomes = dict(self.claims.published_outcomes(chunk.id))
        work = ChunkWork(chunk, outcomes, turn_of_images(message, chunk), is_proof=batch.is_proof)
        with self.claims.held(chunk.id):
            try:
                await self._develop(message, work)
            except BaseException as error:
                await self._release(work, error)
                raise

    async def _develop(self, message: ChunkReady, work: ChunkWork) -> None:
        chunk = work.chunk
        if chunk.unexplained_losses >= MAX_UNEXPLAINED_LOSSES:
            losses = f"lost {chunk.losses} workers"
            await self._give_up(work, FailureCode.CRASHED, losses, CRASHED_CHUNK_SENTENCE)
            return
        cause = await self.developing.develop(work)
        if cause is None:
            self.claims.remember_published(chunk.id, work.outcomes)
            failed = sum(outcome.state == "failed" for outcome in work.outcomes.values())
            ids = {"batch_id": chunk.batch_id, "chunk_id": chunk.id}
            log.debug("chunk_developed", **ids, images=len(work.outcomes), failed=failed)
            return
        if isinstance(cause, _NO_FAULT_OF_THE_CHUNK):
            raise cause
        await self.claims.keep(chunk.id, work.outcomes)
        if isinstance(cause, ClaimLostError):
            return
        if isinstance(cause, BatchInactiveError):
            await self._leave(chunk)
        else:
            await self._try_again(message, work, cause)

    async def _leave(self, chunk: Chunk) -> None:
        """Release a chunk of an inactive batch; it is published again when the batch is resumed."""
        await self.claims.release_claim(chunk.id)
        batch = await self.recent_batches.newest(chunk.batch_id)
        if _may_go_on(batch) and batch is not None and batch.generation == chunk.generation:
            # Resumed meanwhile, perhaps before this chunk was free to be published again.
            raise BatchInactiveError(f"batch {chunk.batch_id} goes on")

    async def _try_again(self, message: ChunkReady, work: ChunkWork, cause: Exception) -> None:
        chunk = work.chunk
        # The message may be an old one, or one that the reconciler sent.
        attempt = max(message.attempt, chunk.retries)
        if attempt >= len(RETRY_STEPS):
            code = cause.code if isinstance(cause, DarkroomError) else FailureCode.INTERNAL_ERROR
            sentence = cause.for_owner if isinstance(cause, TransientError) else None
            await self._give_up(work, code, str(cause) or type(cause).__name__, sentence)
            return
        step = RETRY_STEPS[attempt]
        # Jitter only spreads load, so it needs no secure source. A stopping worker does not wait.
        await self.stopping.sleep(random.uniform(0, RETRY_JITTER * step.delay_seconds))  # noqa: S311
        log.info("chunk_retried", batch_id=chunk.batch_id, chunk_id=chunk.id, step=step.name)
        # Read before the broker has the message, or a slow confirm would have the chunk refused to its own retry.
        not_before = self.claims.later(step.delay_seconds - BACKOFF_TOLERANCE_SECONDS)
        # In its own lane: a retry is not the first work of its batch any more.
        retry = message.model_copy(update={"attempt": attempt + 1, "express": False})
        await self.publisher.publish_later(retry, step)
        due = step.delay_seconds + RETRY_SLACK_SECONDS
        await self.claims.release_claim(chunk.id, due_in_seconds=due, retries=attempt + 1, not_before=not_before)

    async def _give_up(self, work: ChunkWork, code: str, cause: str, sentence: str | None = None) -> None:
        chunk = work.chunk
        log.error("chunk_failed", batch_id=chunk.batch_id, chunk_id=chunk.id, code=code, error=cause)
        # What an owner is told; the cause itself is in the log.
        sentence = (sentence or failure_sentence(code, None, "en") or UNKNOWN_CAUSE)[:MAX_SENTENCE_CHARACTERS]
        sentence = sentence.encode(errors="replace").decode()  # a file name in it may not be UTF-8
        await self.publisher.publish(
            ChunkFailed(batch_id=chunk.batch_id, chunk=chunk.number, code=code, message=sentence)
        )
        if not work.is_proof:
            self.periods.count_failed(code, len(work.unfinished_indexes))

    async def _release(self, work: ChunkWork, error: BaseException) -> None:
        """Release a chunk that this worker does not go on with, if the database answers in time."""
        chunk = work.chunk

        async def release() -> None:
            try:
                async with asyncio.timeout(RELEASE_SECONDS):
                    await self.claims.keep_and_release(chunk.id, work.outcomes)
            except (TransientError, TimeoutError):
                log.warning("chunk_not_released", batch_id=chunk.batch_id, chunk_id=chunk.id, cause=repr(error))

        await shielded(release())


def _may_go_on(batch: Batch | None) -> bool:
    return batch is not None and batch.may_be_developed
