"""What really happened at the servers in one run, against which acknowledgements and failures are judged."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

from services.chunker.settings import ChunkerSettings
from services.worker.handlers import MOST_CLAIMS
from shared.documents import Chunk, chunk_id
from shared.messages import (
    BatchSubmitted,
    ChunkFailed,
    ChunkReady,
    ChunkSettled,
    ImageCompleted,
    ImageFailed,
    ImageResults,
    Message,
    decode,
)
from shared.topology import RETRY_STEPS
from tests.simulation.chance import Chance
from tests.simulation.stores import ObservedBatches, ObservedChunks, Report


class Ledger:
    """Remembers the effects of calls, and reports each message that was acknowledged before its effect."""

    def __init__(
        self,
        batches: ObservedBatches,
        chunks: ObservedChunks,
        chance: Chance,
        report: Report,
        settings: ChunkerSettings,
    ) -> None:
        self._chance = chance
        self._batches = batches
        self._chunks = chunks
        self._report = report
        self._window = settings.window_chunks
        self._told: defaultdict[str, set[int]] = defaultdict(set)
        self._retries: defaultdict[str, set[int]] = defaultdict(set)
        self._given_up: set[str] = set()
        self._failures: Counter[str] = Counter()
        self._judges: dict[type[Message], Callable[..., bool]] = {
            BatchSubmitted: self._is_released,
            ChunkReady: self._is_developed,
            ImageCompleted: self._is_folded,
            ImageFailed: self._is_folded,
            ImageResults: lambda message: all(map(self._is_folded, message.results)),
            ChunkFailed: lambda message: self._is_settled(message.chunk_id),
            ChunkSettled: lambda message: message is not None,  # a later one makes up for a lost one
        }

    def published(self, message: Message) -> None:
        """Note that the broker has taken a message."""
        if isinstance(message, ImageCompleted | ImageFailed):
            self._told[message.chunk_id].add(message.index)
        elif isinstance(message, ImageResults):
            for result in message.results:
                self.published(result)
        elif isinstance(message, ChunkFailed):
            self._given_up.add(message.chunk_id)
        elif isinstance(message, ChunkReady) and message.attempt:
            self._retries[message.chunk_id].add(message.attempt)

    def not_published(self, message: Message) -> None:
        """Note that a publisher was told that the broker has not taken a message."""
        for result in message.results if isinstance(message, ImageResults) else (message,):
            if isinstance(result, ImageCompleted | ImageFailed):
                self.failed(result.chunk_id)

    def failed(self, failed_chunk_id: str) -> None:
        """Note that an image of a chunk failed for now."""
        self._failures[failed_chunk_id] += 1

    def object_failed(self, key: str, chunk_sizes: Mapping[str, int]) -> None:
        """Note that the object store failed on a key."""
        _, batch_id, index, *_ = key.split("/")
        self.failed(chunk_id(batch_id, int(index) // chunk_sizes[batch_id]))

    def acknowledged(self, body: bytes) -> None:
        """Report a message that the broker may now forget although what it asks for is not durable."""
        message = decode(body)
        batch = self._batches.now(message.batch_id)
        if batch is None or batch.is_finished:
            return
        if not self._judges[type(message)](message):
            self._report(f"{message.message_id} was acknowledged before its effect")

    def had_reason_to_give_up(self, chunk: Chunk) -> bool:
        """Whether a chunk was retried as often as promised, or kept ending its workers."""
        every_step = set(range(1, len(RETRY_STEPS) + 1))
        retried = every_step <= self._retries[chunk.id] and self._failures[chunk.id] > len(RETRY_STEPS)
        # Each fault costs a chunk no more than its retries, so that many claims need some faults.
        excused = chunk.attempts <= (1 + len(RETRY_STEPS)) * (1 + len(self._chance.trace))
        return retried or (chunk.attempts > MOST_CLAIMS and excused)

    def _is_released(self, message: BatchSubmitted) -> bool:
        batch = self._batches.now(message.batch_id)
        return batch is None or batch.released_chunks >= min(batch.total_chunks, self._window)

    def _is_developed(self, message: ChunkReady) -> bool:
        id_ = message.chunk_id
        chunk = self._chunks.now(id_)
        if chunk is None or self._is_settled(id_) or self._retries[id_]:
            return True
        told = self._told[id_] | {int(index) for index in chunk.outcomes}
        return id_ in self._chunks.refused or id_ in self._given_up or told >= set(chunk.indexes)

    def _is_folded(self, message: ImageCompleted | ImageFailed) -> bool:
        chunk = self._chunks.now(message.chunk_id)
        return chunk is None or str(message.index) in chunk.outcomes

    def _is_settled(self, id_: str) -> bool:
        chunk = self._chunks.now(id_)
        return chunk is None or chunk.settled
