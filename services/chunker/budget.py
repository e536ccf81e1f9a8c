"""How much predicted work the broker holds, and how much more it may: pure, and a cache of what the documents say."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chunker.capacity import Capacity
from shared.documents import Batch, HeldChunks

MIN_CHUNKS_PER_PROCESS = 2
"""So many chunks are released for each worker process whatever they cost: one is developed, the next is at hand."""


@dataclass
class _Held:
    """Chunks of a batch that are released and not settled, as far as is known."""

    generation: int = -1
    """The one that `settled` is of; before the batch itself was seen, none."""
    settled: int = 0
    chunks: int = 0
    cost_ms: float = 0.0


class Budget:
    """Cost by batch that is released and has not settled, against slots x horizon.

    All of it may be wrong for a moment, after a restart or a lost message; `correct` replaces it every second or so.
    Cost is processor time in milliseconds, as predicted. Where predictions are too high, workers settle more than
    they should be able to; what they settled within the last horizon is then the budget, so that they never wait.
    """

    def __init__(self, horizon_seconds: float) -> None:
        self._horizon = timedelta(seconds=horizon_seconds)
        self._held: dict[str, _Held] = {}
        self._active: frozenset[str] | None = None
        self._noted: set[str] = set()
        self._settled: deque[tuple[datetime, float]] = deque()
        self.capacity = Capacity()

    @property
    def quantum_ms(self) -> float:
        """What the slots do within the horizon: the least budget, and the size of a batch's first quantum."""
        return self.capacity.slots * self._horizon.total_seconds() * 1000

    def room_ms(self, now: datetime) -> float:
        """How much more cost may be released; negative where too much is out."""
        return max(self.quantum_ms, self._settled_ms(now)) - sum(held.cost_ms for held in self._held.values())

    @property
    def missing_chunks(self) -> int:
        """How many chunks are to be released whatever they cost."""
        out = sum(held.chunks for held in self._held.values())
        return max(MIN_CHUNKS_PER_PROCESS * self.capacity.processes - out, 0)

    def hold(self, batch: Batch, chunks: int, cost_ms: float) -> None:
        """Note that chunks of a batch were released."""
        held = self._of(batch)
        held.chunks += chunks
        held.cost_ms += cost_ms

    def settled(self, batch: Batch, settled_chunks: int, now: datetime) -> int:
        """Note how many chunks of a batch have settled; answers the most that was ever noted of the generation."""
        held = self._of(batch)
        settled = max(batch.settled_chunks, settled_chunks)
        if settled > held.settled:
            self._shrink(held, settled - held.settled, now)
            held.settled = settled
        return held.settled

    def free(self, batch_id: str) -> None:
        """Note that nothing of a batch is developed any more, or at present."""
        self._held.pop(batch_id, None)
        self._noted.discard(batch_id)
        if self._active is not None:
            self._active -= {batch_id}

    def keep(self, active: Iterable[str]) -> None:
        """Forget all batches but the active ones, and those noted since this was said last; no others count."""
        self._active = frozenset(active) | self._noted
        self._held = {batch_id: held for batch_id, held in self._held.items() if batch_id in self._active}
        self._noted = set()

    def correct(self, found: Iterable[HeldChunks]) -> None:
        """Replace what was supposed of each batch by what the documents say.

        Chunks of workers that show no life do not count: they are lost until another worker has them.
        """
        for held in self._held.values():
            held.chunks, held.cost_ms = 0, 0.0
        for part in found:
            is_lost = part.holder is not None and not self.capacity.shows_life(part.holder)
            if not is_lost and self._is_active(part.batch_id):
                held = self._held.setdefault(part.batch_id, _Held())
                held.chunks += part.chunks
                held.cost_ms += part.cost_ms

    def _is_active(self, batch_id: str) -> bool:
        """Whether the chunks of a batch count; until all batches were looked at, those of any do."""
        return self._active is None or batch_id in self._active or batch_id in self._noted

    def _of(self, batch: Batch) -> _Held:
        self._noted.add(batch.id)
        held = self._held.setdefault(batch.id, _Held())
        if held.generation < batch.generation:
            held.generation, held.settled = batch.generation, batch.settled_chunks
        return held

    def _shrink(self, held: _Held, chunks: int, now: datetime) -> None:
        """Take the mean cost of so many chunks off: which ones have settled is not said."""
        share = min(chunks / held.chunks, 1.0) if held.chunks else 1.0
        self._settled.append((now, share * held.cost_ms))
        held.cost_ms -= share * held.cost_ms
        held.chunks = max(held.chunks - chunks, 0)

    def _settled_ms(self, now: datetime) -> float:
        """What settled within the last horizon; a clock that was set back has nothing in its future."""
        recent = [(at, cost) for at, cost in self._settled if now - self._horizon < at <= now]
        self._settled = deque(recent)
        return sum(cost for _, cost in recent)
