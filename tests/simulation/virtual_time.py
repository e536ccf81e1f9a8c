"""An event loop whose time is a number: when nothing is ready it jumps to the next timer, and every run is the same."""

import asyncio
import heapq
import itertools
import selectors
from collections import deque
from collections.abc import Coroutine, Generator
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any

from tests.fakes import START


class DeadlockError(Exception):
    """Nothing is ready and no timer is set: the simulated system would wait for ever."""


class LivelockError(Exception):
    """There is always something to do at the same moment: the simulated system would never get on."""


MAX_ROUNDS = 100_000
"""Rounds of the loop at one moment. Real ones take some hundreds."""


class _NoSelector(selectors.SelectSelector):
    """There are no sockets to wait for."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        raise NotImplementedError  # the loop below never asks


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop without sockets or threads. `time()` starts at 0 and is in seconds."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[Any]  # timers, whose type hides what is needed of them
    _stopping: bool

    def __init__(self) -> None:
        self._now = 0.0
        self._rounds = 0
        super().__init__(_NoSelector())
        self._numbers = itertools.count()
        self.set_task_factory(self._numbered_task)

    def time(self) -> float:
        """Seconds since the simulation began."""
        return self._now

    def clock(self) -> datetime:
        """The virtual present, cut to milliseconds as `shared.running.clock.utc_now` does."""
        return START + timedelta(milliseconds=int(self._now * 1000))

    def _run_once(self) -> None:
        """Run what is ready; if nothing is, let time pass until the next timer. Shorter than what it replaces."""
        ready, timers = self._ready, self._scheduled
        while timers and timers[0]._cancelled:
            heapq.heappop(timers)._scheduled = False
        if not (ready or self._stopping):
            if not timers:
                raise DeadlockError
            self._now = max(self._now, timers[0]._when)
            self._rounds = 0
        self._rounds += 1
        if self._rounds > MAX_ROUNDS:
            self._rounds = 0
            raise LivelockError
        while timers and timers[0]._when <= self._now:
            timer = heapq.heappop(timers)
            timer._scheduled = False
            ready.append(timer)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _numbered_task(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        context: Context | None = None,
    ) -> "asyncio.Future[Any]":
        return _NumberedTask(coro, loop=loop, context=context, number=next(self._numbers))  # type: ignore[arg-type]  # the factory's type is wider than the task's


class _NumberedTask(asyncio.Task[Any]):
    """A task whose hash is its number: a TaskGroup keeps a set, and would cancel in the order of addresses."""

    def __init__(
        self,
        coro: Coroutine[Any, Any, Any],
        *,
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
        number: int,
    ) -> None:
        self._number = number  # first: the constructor puts the task into a set
        super().__init__(coro, loop=loop, context=context)

    def __hash__(self) -> int:
        return self._number
