"""A system in virtual time: workers with slots, batches that share them, and a tracker that adds up and sweeps."""

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from bench.eta.traces import Trace
from shared.costs.forecast import Waiting, seconds_to_end
from shared.documents import Batch, Certainty, ChunkTotals, remaining_ms
from shared.recipes import BUILT_IN_RECIPES

UNTRIED = Certainty()
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
FOLD_SECONDS = 0.25
SWEEP_SECONDS = 5.0
CHUNK_IMAGES = 10
CHUNKS_IN_HAND = 2

Look = Callable[[float, Batch], None]
"""Called with the time and the batch after each change that people can see."""


@dataclass
class Developed:
    """One batch under way: chunks not given out yet, images that came back, and the cost that it was served."""

    trace: Trace
    batch: Batch
    look: Look
    next_image: int = 0
    returned: deque[int] = field(default_factory=deque)
    ended: int = 0
    counted: int = 0
    served_ms: float = 0.0

    def chunk(self) -> Iterator[int]:
        """The next images that a worker takes in hand."""
        if self.returned:
            yield from (self.returned.popleft() for _ in range(min(CHUNK_IMAGES, len(self.returned))))
            return
        first, self.next_image = self.next_image, min(self.next_image + CHUNK_IMAGES, len(self.trace.images))
        yield from range(first, self.next_image)


@dataclass
class Worker:
    """A worker process: images in hand by batch, and slots at work."""

    slots: int
    in_hand: dict[str, deque[int]] = field(default_factory=dict)
    at_work: list[tuple[str, int]] = field(default_factory=list)
    is_gone: bool = False


class System:
    """Runs until nothing is left to happen; the same calls give the same run."""

    def __init__(self, certainty: Certainty = UNTRIED) -> None:
        self.certainty = certainty
        self.now = 0.0
        self.batches: dict[str, Developed] = {}
        self.workers: list[Worker] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._fold_planned = False
        self.at(SWEEP_SECONDS, self._sweep)

    def at(self, moment: float, happens: Callable[[], None]) -> None:
        """Have something happen at a moment, in seconds."""
        heapq.heappush(self._events, (moment, next(self._order), happens))

    def run(self) -> None:
        """Let everything happen in its order, until every batch has ended."""
        while self._events and (self.now == 0 or not self._is_idle):
            self.now, _, happens = heapq.heappop(self._events)
            happens()

    @property
    def _is_idle(self) -> bool:
        return all(developed.batch.is_finished for developed in self.batches.values())

    @property
    def _clock(self) -> datetime:
        return BEGINNING + timedelta(seconds=self.now)

    def learnt(self) -> Certainty:
        """What is known of estimates now that everything has ended."""
        certainty = self.certainty
        for developed in self.batches.values():
            batch = developed.batch
            certainty = certainty.learnt(batch.marks, batch.finished_at or self._clock, self._clock)
        return certainty

    def submit(self, batch_id: str, trace: Trace, look: Look) -> None:
        """Record a batch, and release it."""
        batch = Batch(
            id=batch_id,
            name="",
            recipe=BUILT_IN_RECIPES["web"],
            total_images=len(trace.images),
            chunk_size=CHUNK_IMAGES,
            cost_profile=trace.profile,
            created_at=self._clock,
        )
        self.batches[batch_id] = Developed(trace, batch.released(batch.total_chunks, self._clock), look)
        self._dispatch()

    def join(self, slots: int) -> None:
        """Have one more worker."""
        self.workers.append(Worker(slots))
        self._dispatch()

    def leave(self) -> None:
        """Have the last worker leave; what it had in hand goes back."""
        gone = self.workers.pop()
        gone.is_gone = True
        for batch_id, index in [*gone.at_work, *((b, i) for b, images in gone.in_hand.items() for i in images)]:
            self.batches[batch_id].returned.append(index)
        self._dispatch()

    def pause(self, batch_id: str) -> None:
        """Hold a batch."""
        self._change(batch_id, self.batches[batch_id].batch.with_pause(self._clock))

    def resume(self, batch_id: str) -> None:
        """Go on with it."""
        self._change(batch_id, self.batches[batch_id].batch.resumed(self._clock))
        self._dispatch()

    def _change(self, batch_id: str, batch: Batch) -> None:
        developed = self.batches[batch_id]
        if batch is not developed.batch:
            developed.batch = batch
            developed.look(self.now, batch)

    def _dispatch(self) -> None:
        """Give free slots to the batch that was served least, as fair queueing does."""
        for worker in self.workers:
            while len(worker.at_work) < worker.slots and (batch_id := self._next_of(worker)):
                developed, index = self.batches[batch_id], worker.in_hand[batch_id].popleft()
                worker.at_work.append((batch_id, index))
                cost_ms = developed.trace.images[index].cost_ms
                developed.served_ms += cost_ms
                self.at(self.now + cost_ms / 1000, self._ending(worker, batch_id, index))

    def _next_of(self, worker: Worker) -> str | None:
        held: list[str] = []
        for batch_id, developed in self.batches.items():
            images = worker.in_hand.setdefault(batch_id, deque())
            while len(images) <= (CHUNKS_IN_HAND - 1) * CHUNK_IMAGES and (taken := list(developed.chunk())):
                images.extend(taken)
            if images and developed.batch.may_be_developed:
                held.append(batch_id)
        return min(held, key=lambda batch_id: self.batches[batch_id].served_ms, default=None)

    def _ending(self, worker: Worker, batch_id: str, index: int) -> Callable[[], None]:
        def end() -> None:
            if worker.is_gone:
                return
            worker.at_work.remove((batch_id, index))
            self.batches[batch_id].ended += 1
            if not self._fold_planned:
                self._fold_planned = True
                self.at(self.now + FOLD_SECONDS, self._fold)
            self._dispatch()

        return end

    def _fold(self) -> None:
        self._fold_planned = False
        for batch_id, developed in self.batches.items():
            if developed.ended != developed.counted:
                developed.counted = developed.ended
                totals = ChunkTotals(completed_images=developed.ended)
                self._change(batch_id, developed.batch.rolled_up(totals, self._clock, self.certainty))

    def _sweep(self) -> None:
        moving = [developed.batch for developed in self.batches.values() if developed.batch.may_be_developed]
        slots_ms = 1000.0 * sum(worker.slots for worker in self.workers)
        expected = seconds_to_end((Waiting(batch.id, 1, remaining_ms(batch)) for batch in moving), slots_ms)
        for batch in moving:
            self._change(batch.id, batch.forecast(expected.get(batch.id), self._clock))
        self.at(self.now + SWEEP_SECONDS, self._sweep)
