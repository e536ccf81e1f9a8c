"""A channel for as long as it is needed: whenever it is lost, another is opened and set up the same way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import structlog
from aio_pika.abc import AbstractChannel

from shared.adapters.rabbitmq.connection import Connection, close_channel
from shared.adapters.rabbitmq.driver_errors import translated
from shared.errors import BrokerUnavailableError
from shared.running.backoff import Backoff
from shared.running.lifecycle import Readiness

log = structlog.get_logger()

SET_UP_SECONDS = 15.0
"""Longest that setting up may take; declaring a queue whose leader is gone would hang."""

FIRST_PAUSE_SECONDS = 0.2
"""Before a channel that was lost is opened again; doubles up to `Backoff`'s 5 s."""

SetUp = Callable[[AbstractChannel], Awaitable[None]]
"""Makes a new channel fit for use."""

Watch = Callable[[AbstractChannel], Coroutine[Any, Any, NoReturn]]
"""Looks after a channel in use; raises `BrokerUnavailableError`, with what is wrong, when it is to be replaced."""


class RecoveringChannel:
    """Keeps one channel open, set up and watched, and reports as `part` of the readiness while it has none."""

    def __init__(self, connection: Connection, part: str, set_up: SetUp, watch: Watch, readiness: Readiness) -> None:
        self._connection = connection
        self._part = part
        self._set_up = set_up
        self._watch = watch
        self._readiness = readiness
        self._opened = asyncio.Event()
        self._channel: AbstractChannel | None = None
        self._loss: asyncio.Future[str]
        self._backoff = Backoff(first_seconds=FIRST_PAUSE_SECONDS)

    async def current(self) -> AbstractChannel:
        """The channel, as soon as there is one."""
        while not self._opened.is_set() or self._channel is None:
            # The event may be cleared again before this task runs.
            await self._opened.wait()
        return self._channel

    def give_up(self, channel: AbstractChannel, why: str) -> None:
        """Replace a channel that is of no more use; nothing happens if it was replaced already."""
        if channel is self._channel and not self._loss.done():
            self._loss.set_result(why)

    @asynccontextmanager
    async def kept_open(self, start_seconds: float) -> AsyncIterator[None]:
        """Have a channel from here on; raises `BrokerUnavailableError` if none can be opened for `start_seconds`."""
        self._readiness.report(self._part, "still connecting")
        keeper = asyncio.create_task(self._keep_open(), name=f"keep open: {self._part}")
        try:
            await self._wait_for_first(start_seconds)
            yield
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])
            self._readiness.report(self._part, None)

    async def _wait_for_first(self, start_seconds: float) -> None:
        try:
            async with asyncio.timeout(start_seconds):
                await self.current()
        except TimeoutError as error:
            problem = self._readiness.problems.get(self._part, "no answer")
            raise BrokerUnavailableError(f"{self._part}: {problem}") from error

    async def _keep_open(self) -> NoReturn:
        while True:
            try:
                with translated(f"keep a channel to {self._part}"):
                    await self._live_once()
            except Exception as error:  # must outlive whatever one channel meets; logged
                problem, unexpected = str(error) or type(error).__name__, not isinstance(error, BrokerUnavailableError)
                self._readiness.report(self._part, problem)
                log.warning("broker_channel_lost", part=self._part, problem=problem, exc_info=unexpected)
            await self._backoff.pause()

    async def _live_once(self) -> NoReturn:
        """One channel's life: open, set up, in use; raises what ended it."""
        channel = await self._connection.channel()
        try:
            self._loss = asyncio.get_running_loop().create_future()
            self._channel = channel
            channel.close_callbacks.add(lambda _, reason: self.give_up(channel, _why_closed(reason)))
            with translated(f"set up {self._part}"):
                async with asyncio.timeout(SET_UP_SECONDS):
                    await self._set_up(channel)
            self._opened.set()
            self._readiness.report(self._part, None)
            self._backoff.reset()
            await self._wait_for_loss(channel)
        finally:
            self._opened.clear()
            self._channel = None
            await close_channel(channel)

    async def _wait_for_loss(self, channel: AbstractChannel) -> NoReturn:
        watching = asyncio.create_task(self._watch(channel), name=f"watch: {self._part}")
        try:
            ending: list[asyncio.Future[Any]] = [watching, self._loss]
            await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
            raise BrokerUnavailableError(self._loss.result())
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


def _why_closed(reason: BaseException | None) -> str:
    said = str(reason) if isinstance(reason, Exception) else ""
    return f"the channel was lost: {said}" if said else "the channel was lost"
