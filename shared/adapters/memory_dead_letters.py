"""What people see of, and do with, the queues within one process."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from shared.adapters.yielding import yielding
from shared.messaging.topology import Queue, work_queues
from shared.ports import DeadLetter, QueueDepth


class MemoryWorkQueue(Protocol):
    """A queue as people see it."""

    waiting: deque[Any]
    dead: list[DeadLetter]
    consumers: int

    def put(self, body: bytes) -> None:
        """Take a message, at the end."""


@yielding
class MemoryQueueDepths:
    """A `QueueDepths`."""

    def __init__(self, queues: Mapping[str, MemoryWorkQueue]) -> None:
        self._queues = queues

    async def depths(self) -> Sequence[QueueDepth]:
        held = ((queue, self._queues[queue.name]) for queue in work_queues())
        return [QueueDepth(queue, len(one.waiting), one.consumers, len(one.dead)) for queue, one in held]


@yielding
class MemoryDeadLetters:
    """A `DeadLetters`."""

    def __init__(self, queues: Mapping[str, MemoryWorkQueue]) -> None:
        self._queues = queues

    async def show(self, queue: Queue, limit: int) -> Sequence[DeadLetter]:
        return list(islice(self._queues[queue.name].dead, limit))

    async def replay(self, queue: Queue, limit: int, ids: Collection[str] | None = None) -> int:
        letters = await self._take(queue, limit, ids)
        for letter in letters:
            self._queues[queue.name].put(letter.body)
        return len(letters)

    async def drop(self, queue: Queue, limit: int, ids: Collection[str] | None = None) -> int:
        return len(await self._take(queue, limit, ids))

    async def _take(self, queue: Queue, limit: int, ids: Collection[str] | None) -> Sequence[DeadLetter]:
        held = self._queues[queue.name]
        chosen = [letter for letter in held.dead[:limit] if ids is None or letter.id in ids]
        gone = set(map(id, chosen))
        held.dead = [letter for letter in held.dead if id(letter) not in gone]
        return chosen
