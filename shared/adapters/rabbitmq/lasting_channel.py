"""A channel for as long as it is needed: whenever it is lost, another is opened and set up the same way."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import NoReturn

import structlog
from aio_pika.abc import AbstractChannel

from shared.adapters.rabbitmq.driver_errors import translated
from shared.adapters.rabbitmq.link import Link, close_channel
from shared.errors import BrokerUnavailableError
from shared.lifecycle import Readiness

log = structlog.get_logger()

SET_UP_SECONDS = 15.0
"""Longest that setting up may take; declaring a queue whose leader is gone would hang for ever."""

START_SECONDS = 10.0
"""How long to wait for the first channel before the caller is told that there is no broker."""

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0


def growing_pauses(first_seconds: float, longest_seconds: float) -> Iterator[float]:
    """Seconds to wait before each further attempt: doubling, with jitter."""
    pause = first_seconds
    while True:
        yield random.uniform(pause / 2, pause)  # noqa: S311 - jitter only spreads load
        pause = min(2 * pause, longest_seconds)


class LastingChannel:
    """Keeps one channel open and set up, and reports as `part` of the readiness while it has none."""

    def __init__(
        self, link: Link, part: str, set_up: Callable[[AbstractChannel], Awaitable[None]], readiness: Readiness
    ) -> None:
        self._link = link
        self._part = part
        self._set_up = set_up
        self._readiness = readiness
        self._lost = asyncio.Event()
        self._opened = asyncio.Event()
        self._channel: AbstractChannel | None = None

    async def current(self) -> AbstractChannel:
        """The channel, as soon as there is one."""
        while not self._opened.is_set() or self._channel is None:
            await self._opened.wait()
        return self._channel

    def give_up(self, channel: AbstractChannel) -> None:
        """Replace a channel that is of no more use; nothing happens if it was replaced already."""
        if channel is self._channel:
            self._lost.set()

    @asynccontextmanager
    async def kept_open(self) -> AsyncIterator[None]:
        """Have a channel from here on; raises `BrokerUnavailableError` if none can be opened for `START_SECONDS`."""
        keeper = asyncio.create_task(self._keep_open(), name=f"keep open: {self._part}")
        try:
            await self._wait_for_first()
            yield
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])
            self._readiness.report(self._part, None)

    async def _wait_for_first(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                await self.current()
        except TimeoutError as error:
            problem = self._readiness.problems.get(self._part, "no answer")
            raise BrokerUnavailableError(f"{self._part}: {problem}") from error

    async def _keep_open(self) -> NoReturn:
        pauses = growing_pauses(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        while True:
            try:
                await self._live_once()
                pauses = growing_pauses(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
                problem, unexpected = "the channel was lost", False
            except Exception as error:  # noqa: BLE001 - must outlive whatever one channel meets; logged
                problem, unexpected = str(error) or type(error).__name__, not isinstance(error, BrokerUnavailableError)
            self._readiness.report(self._part, problem)
            log.warning("broker_channel_lost", part=self._part, problem=problem, exc_info=unexpected)
            await asyncio.sleep(next(pauses))

    async def _live_once(self) -> None:
        """One channel's life: open, set up, in use; returns when it has been in use and is lost."""
        channel = await self._link.channel()
        try:
            self._lost.clear()
            self._channel = channel
            channel.close_callbacks.add(lambda *_: self.give_up(channel))
            with translated(f"set up {self._part}"):
                async with asyncio.timeout(SET_UP_SECONDS):
                    await self._set_up(channel)
            self._opened.set()
            self._readiness.report(self._part, None)
            await self._lost.wait()
        finally:
            self._opened.clear()
            self._channel = None
            await close_channel(channel)
