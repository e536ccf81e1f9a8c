"""The way out of a worker: results that are ready at the same moment share one message."""

import asyncio
from collections.abc import Iterator, Sequence

from shared.messaging.encoding import MAX_BYTES, encode
from shared.messaging.messages import ImageResult, ImageResults, Message
from shared.ports import Publisher

_Waiting = tuple[ImageResult, asyncio.Future[None]]

MAX_RESULTS = 20
"""Results in one message at most; fewer when they carry much, so that it stays below 64 KiB."""

_ROOM_BYTES = MAX_BYTES - 1024
"""For the results of one message together, beside what is around them."""

GATHER_SECONDS = 0.005
"""How long a result waits for others. Nothing beside an image's 100 ms; but images that take less than a millisecond
would otherwise cost the broker more than they cost the worker."""


class ResultOutbox:
    """Publishes results, each call returns once its own is confirmed."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._waiting: list[_Waiting] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def publish(self, result: ImageResult) -> None:
        """Return once the broker has confirmed the result; raises what `Publisher.publish` raises."""
        confirmed = asyncio.get_running_loop().create_future()
        self._waiting.append((result, confirmed))
        # The first of a group starts the clock for all that join it.
        if len(self._waiting) == 1:
            sending = asyncio.create_task(self._gather_and_send(), name="results")
            # The event loop keeps only a weak reference to a task.
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)
        await confirmed

    async def _gather_and_send(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        waiting, self._waiting = self._waiting, []
        await asyncio.gather(*(self._send(message, group) for message, group in _messages(waiting)))

    async def _send(self, message: Message, group: Sequence[_Waiting]) -> None:
        problem: BaseException | None = None
        try:
            await self._publisher.publish(message)
        except BaseException as error:  # noqa: BLE001 - every caller gets it, and cancelled ones are cancelled
            problem = error
        for _, confirmed in group:
            if confirmed.done():
                continue  # its caller was cancelled meanwhile
            if problem is None:
                confirmed.set_result(None)
            elif isinstance(problem, asyncio.CancelledError):
                confirmed.cancel()
            else:
                confirmed.set_exception(problem)


def _messages(waiting: Sequence[_Waiting]) -> Iterator[tuple[Message, Sequence[_Waiting]]]:
    """Put what waits, one result at least, into messages, each as full as it may be."""
    if len(waiting) == 1:
        yield waiting[0][0], waiting
        return
    group: list[_Waiting] = []
    bodies: list[bytes] = []
    group_bytes = 0
    for result, confirmed in waiting:
        body = encode(result)
        if group and (len(group) == MAX_RESULTS or group_bytes + len(body) > _ROOM_BYTES):
            yield _together(group, bodies), group
            group, bodies, group_bytes = [], [], 0
        group.append((result, confirmed))
        bodies.append(body)
        group_bytes += len(body) + len(",")
    yield _together(group, bodies), group


def _together(group: Sequence[_Waiting], bodies: Sequence[bytes]) -> ImageResults:
    # Not validated once more: this worker has made them.
    return ImageResults.model_construct(results=tuple(result for result, _ in group)).made_of(bodies)
