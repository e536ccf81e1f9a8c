"""Which batches' chunks are released next: pure. The first work of a batch goes ahead, then whose turn it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chunker.plan import releasable
from shared.documents import Batch
from shared.scheduling import FairQueue, Flow

MAX_CHUNKS = 100
"""Of one batch in one round: they are recorded and published together."""

MAX_BATCHES = 32
"""In one round, so that it ends soon and the next one sees what has changed meanwhile."""


@dataclass(frozen=True)
class Room:
    """How much may be released in a round: cost in all, chunks whatever they cost, and cost that may go ahead."""

    cost_ms: float
    chunks: int = 0
    express_ms: float = 0.0


@dataclass
class Share:
    """How many chunks of a batch are released in a round; the first `express` of them go ahead."""

    flow: Flow
    chunks: int = 0
    express: int = 0


@dataclass
class _Waiting:
    """A batch of which chunks wait to be released: how many may be, what each may cost, how many are its first work."""

    flow: Flow
    chunks: int
    chunk_ms: float
    fresh: int


class FairRelease:
    """The batches of which chunks wait, in two orders: all of them, and those that have hardly begun."""

    def __init__(self, max_chunks: int = MAX_CHUNKS) -> None:
        self._max_chunks = max_chunks
        self._waiting: dict[str, _Waiting] = {}
        self._all = FairQueue()
        self._fresh = FairQueue()

    @property
    def has_waiting(self) -> bool:
        """Whether chunks of any batch wait."""
        return bool(self._waiting)

    def note(self, batch: Batch, settled_chunks: int, window_chunks: int, quantum_ms: float) -> None:
        """Note how a batch is; one of which nothing waits is forgotten. Its first `quantum_ms` of cost are fresh."""
        chunks = len(releasable(batch, settled_chunks, window_chunks)) if batch.may_be_developed else 0
        flow = Flow(batch.priority, batch.owner, batch.id)
        known = self._waiting.get(batch.id)
        if known is not None and (known.flow != flow or not chunks):
            self.forget(batch.id)
        if not chunks:
            return
        chunk_ms = supposed_chunk_ms(batch)
        # Who asks for low is in no hurry, and a flood of it must not slow down high ones.
        quantum = 0 if batch.priority == "low" else max(int(quantum_ms // chunk_ms), 1)
        fresh = max(quantum - batch.released_chunks, 0)
        self._waiting[batch.id] = _Waiting(flow, chunks, chunk_ms, fresh)
        self._all.wake(flow)
        if fresh > 0:
            self._fresh.wake(flow)
        else:
            self._fresh.sleep(flow)

    def forget(self, batch_id: str) -> None:
        """Note that nothing of a batch waits."""
        known = self._waiting.pop(batch_id, None)
        if known is not None:
            self._all.sleep(known.flow)
            self._fresh.sleep(known.flow)

    def round(self, room: Room) -> Sequence[Share]:
        """What to release next, charged to its batches. Each of them has to be noted again afterwards."""
        shares: dict[str, Share] = {}
        cost_ms, chunks, express_ms = room.cost_ms, room.chunks, room.express_ms
        while express_ms > 0 and len(shares) < MAX_BATCHES and (flow := self._fresh.next()):
            taken_ms = self._take(flow, shares, express=True)
            cost_ms, chunks, express_ms = cost_ms - taken_ms, chunks - 1, express_ms - taken_ms
        while (cost_ms > 0 or chunks > 0) and len(shares) < MAX_BATCHES and (flow := self._all.next()):
            taken_ms = self._take(flow, shares, express=False)
            cost_ms, chunks = cost_ms - taken_ms, chunks - 1
        return list(shares.values())

    def _take(self, flow: Flow, shares: dict[str, Share], *, express: bool) -> float:
        """Give a batch one chunk more; answers what it may cost."""
        waiting = self._waiting[flow.batch_id]
        share = shares.setdefault(flow.batch_id, Share(flow))
        share.chunks, share.express = share.chunks + 1, share.express + express
        waiting.chunks, waiting.fresh = waiting.chunks - 1, waiting.fresh - 1
        for queue in (self._all, self._fresh):
            # Also in the order in which it was not its turn, or it would be served twice.
            queue.charge(flow, waiting.chunk_ms)
            if not waiting.chunks or share.chunks == self._max_chunks:
                queue.sleep(flow)
        if waiting.fresh <= 0:
            self._fresh.sleep(flow)
        return waiting.chunk_ms


def supposed_chunk_ms(batch: Batch) -> float:
    """What the next chunk of a batch may cost: a mean one of those that follow, or in a retry of all."""
    first, images = 0, batch.total_images
    if not batch.generation:
        first = batch.released_chunks * batch.chunk_size
        images = min(MAX_CHUNKS * batch.chunk_size, batch.total_images - first)
    return batch.cost_ms(range(first, first + images)) * min(batch.chunk_size / images, 1)
