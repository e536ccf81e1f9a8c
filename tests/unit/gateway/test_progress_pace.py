"""How soon and how often those who watch a batch are shown that it moved, in virtual time."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise

from services.gateway.batches.live_event import LiveEvent
from services.gateway.batches.live_events import batch_events
from services.gateway.batches.progress_feed import ProgressFeed
from shared.adapters.memory_documents import MemoryBatches
from shared.documents import Batch
from shared.running.lifecycle import Stopping
from tests.fakes import START, new_batch
from tests.simulation.virtual_time import VirtualLoop

INTERVAL_SECONDS = 0.2
READ_SECONDS = 0.01
LATEST_SECONDS = 0.25
"""The most between a write and its event."""


class SlowBatches(MemoryBatches):
    """Batches that are read in a hundredth of a second, as they were when that began; each read is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.read_at: dict[str, list[float]] = {}

    async def of_ids(self, batch_ids: AbstractSet[str]) -> Sequence[Batch]:
        """See `MemoryBatches`."""
        found = await super().of_ids(batch_ids)
        for batch in found:
            self.read_at.setdefault(batch.id, []).append(asyncio.get_running_loop().time())
        await asyncio.sleep(READ_SECONDS)
        return found


@dataclass
class Watching:
    """What was written of some batches and when, and what each of their watchers was sent and when."""

    batches: SlowBatches = field(default_factory=SlowBatches)
    written_at: dict[str, dict[int, float]] = field(default_factory=dict)
    sent: list[list[tuple[float, LiveEvent]]] = field(default_factory=list)

    def run(self, *, batches: int, watchers: int, moves: Sequence[float]) -> None:
        """Move each of the batches after each of these pauses, with so many watchers each, from start to end."""
        loop = VirtualLoop()
        try:
            loop.run_until_complete(self._run([f"b{number}" for number in range(batches)], watchers, moves))
        finally:
            loop.close()

    async def _run(self, ids: Sequence[str], watchers: int, moves: Sequence[float]) -> None:
        feed = ProgressFeed(self.batches, interval_seconds=INTERVAL_SECONDS, refresh_seconds=3600)
        stopping = Stopping()
        for batch_id in ids:
            await self.batches.add(new_batch(batch_id, total_images=len(moves)))
        async with asyncio.TaskGroup() as tasks:
            feeding = tasks.create_task(feed.run(stopping))
            async with asyncio.TaskGroup() as parts:
                for batch_id in ids:
                    for _ in range(watchers):
                        parts.create_task(self._watch(feed, batch_id))
                    parts.create_task(self._move(feed, batch_id, moves))
            stopping.set()
            await feeding

    async def _watch(self, feed: ProgressFeed, batch_id: str) -> None:
        sent: list[tuple[float, LiveEvent]] = []
        self.sent.append(sent)
        time = asyncio.get_running_loop().time
        with feed.watch(batch_id) as watched:
            first = await self.batches.get(batch_id)
            assert first is not None
            sent.extend([(time(), event) async for event in batch_events(first, watched) if event])

    async def _move(self, feed: ProgressFeed, batch_id: str, moves: Sequence[float]) -> None:
        for completed, pause in enumerate(moves, start=1):
            await asyncio.sleep(pause)
            end = {"status": "SUCCESS", "finished_at": START} if completed == len(moves) else {}
            fields = {"completed_images": completed, **end}
            moved = await self.batches.change(batch_id, changed_to(fields))
            self.written_at.setdefault(batch_id, {})[moved.version] = asyncio.get_running_loop().time()
            feed.note(batch_id)

    def delays(self, batch_id: str, sent: Sequence[tuple[float, LiveEvent]]) -> list[float]:
        """For each state that was written, the time until a watcher was sent that or a newer one."""
        last_version = max(self.written_at[batch_id])
        states = [(at, int(event.id) if event.id else last_version) for at, event in sent]
        return [
            min(at for at, seen in states if seen >= version and at >= written) - written
            for version, written in self.written_at[batch_id].items()
        ]


def changed_to(fields: dict[str, object]) -> Callable[[Batch], Batch]:
    """A change of a batch."""
    return lambda batch: batch.changed(START, **fields)


def test_a_move_after_a_while_is_shown_at_once() -> None:
    """Nothing but the read stands between the write and the watcher."""
    watching = Watching()
    watching.run(batches=1, watchers=1, moves=[1.0, 1.0, 1.0])
    assert all(delay < READ_SECONDS * 1.01 for delay in watching.delays("b0", watching.sent[0]))


def test_five_hundred_who_watch_one_batch_see_each_move_in_time_and_share_one_encoding() -> None:
    """It moves 33 times a second: it is read, and they are sent something, at most five times a second."""
    watching = Watching()
    watching.run(batches=1, watchers=500, moves=[0.03] * 200)
    assert len(watching.sent) == 500
    for sent in watching.sent:
        assert max(watching.delays("b0", sent)) <= LATEST_SECONDS
        progress = [at for at, event in sent if event.name == "progress"]
        assert max(Counter(int(at) for at in progress).values()) <= 5
    reads = watching.batches.read_at["b0"]
    assert min(later - earlier for earlier, later in pairwise(reads)) >= INTERVAL_SECONDS * 0.999
    # They are all kept, so objects of one identity are one object.
    encoded = {id(event.data): event.data for sent in watching.sent for _, event in sent}
    assert len(encoded) == len(set(encoded.values())) == len(reads) + 1
    frames = {id(event.frame) for sent in watching.sent for _, event in sent}
    assert len(frames) == len(encoded) + 1  # `finished` has the data of the last `progress`


def test_those_who_watch_five_hundred_batches_see_each_move_in_time() -> None:
    """All move at the same moments."""
    watching = Watching()
    watching.run(batches=500, watchers=1, moves=[0.5, 0.07, 0.07, 0.07, 0.07])
    for number, sent in enumerate(watching.sent):
        assert max(watching.delays(f"b{number}", sent)) <= LATEST_SECONDS + 4 * READ_SECONDS
