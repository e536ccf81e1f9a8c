"""What people do with messages that were given up, one request after another."""

import asyncio
from collections.abc import Collection, Sequence

import structlog

from services.gateway.answers.dead_letter_schemas import MAX_REPLAYED
from services.gateway.answers.errors import ApiError
from services.gateway.answers.system_codes import SystemCode
from shared.messaging.topology import Queue, find_queue, work_queues
from shared.ports import DeadLetter, DeadLetters, QueueDepth, QueueDepths

log = structlog.get_logger()

MAX_SEARCHED = 1000
"""So many of a queue's letters are looked through for those with the ids that are asked for."""

MAX_DROPPED_AT_ONCE = 1000
"""So many letters one call to the broker drops, well within its time."""


class DeadLetterQueues:
    """Looks, replays and drops; raises `ApiError`, and `TransientError` for trouble with the broker."""

    def __init__(self, depths: QueueDepths, letters: DeadLetters) -> None:
        self._depths = depths
        self._letters = letters
        # Letters are in one request's hands meanwhile, and another would miss them.
        self._turn = asyncio.Lock()

    async def depths(self) -> Sequence[QueueDepth]:
        """Every queue with the number of its dead letters."""
        async with self._turn:
            return await self._depths.depths()

    async def show(self, name: str, limit: int) -> Sequence[DeadLetter]:
        """Some of a queue's dead letters, which stay where they are."""
        queue = _queue(name)
        async with self._turn:
            return await self._letters.show(queue, limit)

    async def replay(self, name: str, count: int | None, ids: Collection[str] | None) -> int:
        """Send letters to their queue again: those with these ids, or the first `count`, or all up to 10,000.

        Answers how many were sent.
        """
        queue = _queue(name)
        async with self._turn:
            replayed = await self._letters.replay(queue, MAX_SEARCHED if ids else count or MAX_REPLAYED, ids)
        log.info("dead_letters_replayed", queue=queue.name, letters=replayed)
        return replayed

    async def drop(self, name: str, count: int | None, ids: Collection[str] | None) -> int:
        """Throw letters away for good: those with these ids, or all if they are `count`; answers how many.

        A request that is repeated thus throws nothing else away.
        """
        queue = _queue(name)
        if not ids and count is None:
            raise ApiError(SystemCode.LETTERS_NOT_CHOSEN)  # "all" may be more by now than a person saw
        async with self._turn:
            if ids:
                dropped = await self._letters.drop(queue, MAX_SEARCHED, ids)
            else:
                dropped = await self._drop_first(queue, await self._confirmed(queue, count or 0))
        log.warning("dead_letters_dropped", queue=queue.name, letters=dropped)
        return dropped

    async def _drop_first(self, queue: Queue, count: int) -> int:
        dropped = 0
        while left := min(count - dropped, MAX_DROPPED_AT_ONCE):
            gone = await self._letters.drop(queue, left)
            if not gone:
                break
            dropped += gone
        return dropped

    async def _confirmed(self, queue: Queue, count: int) -> int:
        messages = next(depth.dead_letters for depth in await self._depths.depths() if depth.queue == queue)
        if messages != count:
            raise ApiError(
                SystemCode.DEAD_LETTERS_CHANGED, details={"messages": messages}, count=count, messages=messages
            )
        return count


def _queue(name: str) -> Queue:
    found = find_queue(name)
    if found is None:
        raise ApiError(SystemCode.QUEUE_NOT_FOUND, choices=", ".join(queue.name for queue in work_queues()))
    return found
