"""What really happened at the broker in one run, against which acknowledgements, retries and failures are judged."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from services.chunker.budget import MIN_CHUNKS_PER_PROCESS
from services.chunker.settings import ChunkerSettings
from services.worker import handlers as worker_handlers
from shared.documents import Batch
from shared.messaging.encoding import decode
from shared.messaging.messages import (
    BatchStopped,
    BatchSubmitted,
    ChunkFailed,
    ChunkReady,
    ChunkSettled,
    ImageCompleted,
    ImageFailed,
    ImageResults,
    Message,
)
from shared.messaging.topology import RETRY_STEPS
from tests.simulation.lives import Life
from tests.simulation.rules import Report
from tests.simulation.stores import ObservedBatches, ObservedChunks
from tests.simulation.work import Work

MAX_SUSPICIONS = 3
"""An image that was the suspect of so many lost workers is failed as crashed."""


RESTED_SECONDS = 30.0
"""A message may have been in hand for so long, across stalls, and its batch paused when it was looked at."""


class Ledger:
    """Judges each message that is published, and each that is acknowledged: its effect must be durable."""

    def __init__(
        self, batches: ObservedBatches, chunks: ObservedChunks, work: Work, report: Report, settings: ChunkerSettings
    ) -> None:
        self._batches = batches
        self._chunks = chunks
        self._work = work
        self._report = report
        self._window = settings.window_chunks
        self._now = work.now
        self._told: defaultdict[str, set[int]] = defaultdict(set)
        self._retries: defaultdict[str, set[int]] = defaultdict(set)
        self._refused: set[str] = set()
        self._given_up: set[str] = set()
        self._judges: dict[type[Message], Callable[..., bool]] = {
            BatchSubmitted: self._is_released,
            ChunkReady: self._is_developed,
            ImageCompleted: self._is_folded,
            ImageFailed: self._is_folded,
            ImageResults: lambda message: all(map(self._is_folded, message.results)),
            ChunkFailed: lambda message: self._is_settled(message.chunk_id),
            BatchStopped: lambda message: message is not None,  # the document says it too, and is looked at
            ChunkSettled: lambda message: message is not None,  # a later one makes up for a lost one
        }

    def refused(self, chunk_id: str) -> None:
        """Note that a chunk was claimed in vain."""
        self._refused.add(chunk_id)

    def published(self, life: Life, message: Message) -> None:
        """Note that the broker has taken a message, and judge it."""
        match message:
            case ImageResults():
                for result in message.results:
                    self.published(life, result)
            case ImageCompleted() | ImageFailed():
                self._told[message.chunk_id].add(message.index)
                self._work.told(life, message.chunk_id, message.index)
                self._judge_crashed(message)
            case ChunkFailed():
                self._given_up.add(message.chunk_id)
                self._work.gave_up(life, message.chunk_id)
                self._judge_given_up(life, message)
            case ChunkReady() if message.attempt:
                self._retries[message.chunk_id].add(message.attempt)
                self._judge_retry(life, message)

    def _judge_crashed(self, message: ImageCompleted | ImageFailed) -> None:
        chunk = self._chunks.now(message.chunk_id)
        if isinstance(message, ImageFailed) and message.code == "crashed" and chunk is not None:
            suspicions = chunk.suspicions.get(str(message.index), 0)
            if suspicions < MAX_SUSPICIONS:
                self._report(f"{message.message_id} is failed as crashed after {suspicions} suspicions")

    def _judge_retry(self, life: Life, message: ChunkReady) -> None:
        self._work.parts(life, message.chunk_id)
        claim = self._work.claim_of(life, message.chunk_id)
        if message.attempt > len(RETRY_STEPS):
            self._report(f"{message.message_id} is a retry too many")
        if claim is not None and not claim.failures:
            self._report(f"{message.message_id} uses an attempt up without a failure of the image or the store")

    def _judge_given_up(self, life: Life, message: ChunkFailed) -> None:
        self._work.parts(life, message.chunk_id)
        chunk = self._chunks.now(message.chunk_id)
        claim = self._work.claim_of(life, message.chunk_id)
        if chunk is None or claim is None:
            return
        if message.code == "crashed":
            if chunk.unexplained_losses < worker_handlers.MAX_UNEXPLAINED_LOSSES:
                self._report(f"{message.message_id} after {chunk.unexplained_losses} unexplained losses")
        elif not claim.failures or not set(range(1, len(RETRY_STEPS) + 1)) <= self._retries[message.chunk_id]:
            self._report(f"{message.message_id} after the retries {sorted(self._retries[message.chunk_id])}")

    def acknowledged(self, life: Life, body: bytes) -> None:
        """Report a message that the broker may now forget although what it asks for is not durable."""
        message = decode(body)
        batch = self._batches.now(message.batch_id)
        if batch is None or batch.is_finished or batch.stop:
            return
        if isinstance(message, ChunkReady) and self._may_rest(life, message, batch):
            return
        if not self._judges[type(message)](message):
            self._report(f"{message.message_id} was acknowledged before its effect")

    def _may_rest(self, life: Life, message: ChunkReady, batch: Batch) -> bool:
        """Whether a chunk's message may go because the batch was paused, or is in another generation."""
        chunk = self._chunks.now(message.chunk_id)
        if chunk is None or chunk.generation != batch.generation or batch.paused:
            return True
        claim = self._work.claim_of(life, message.chunk_id)
        since = self._now() - RESTED_SECONDS if claim is None else claim.at
        return self._work.last_paused_at.get(batch.id, -RESTED_SECONDS) >= since

    def _is_released(self, message: BatchSubmitted) -> bool:
        batch = self._batches.now(message.batch_id)
        if batch is None or batch.paused or batch.generation != message.generation:
            return True
        if self._work.last_paused_at.get(batch.id, -RESTED_SECONDS) > self._now() - RESTED_SECONDS:
            return True  # it was handled while the batch rested, and resuming sends another
        return batch.released_chunks >= min(batch.total_chunks, self._window) or self._has_budget_spent()

    def _has_budget_spent(self) -> bool:
        """Whether the batch may have to wait for others: there is always room for some chunks."""
        lately = self._work.clock() - timedelta(seconds=RESTED_SECONDS)
        out = [c for c in self._chunks.recorded if c.settled_at is None or c.settled_at > lately]
        return len(out) >= MIN_CHUNKS_PER_PROCESS

    def _is_developed(self, message: ChunkReady) -> bool:
        id_ = message.chunk_id
        chunk = self._chunks.now(id_)
        if chunk is None or self._is_settled(id_) or self._retries[id_]:
            return True
        told = self._told[id_] | {int(index) for index in chunk.outcomes}
        return id_ in self._refused or id_ in self._given_up or told >= set(chunk.indexes)

    def _is_folded(self, message: ImageCompleted | ImageFailed) -> bool:
        chunk = self._chunks.now(message.chunk_id)
        return chunk is None or str(message.index) in chunk.outcomes

    def _is_settled(self, id_: str) -> bool:
        chunk = self._chunks.now(id_)
        return chunk is None or chunk.settled
