"""An event loop whose time is a number: when nothing is ready it jumps to the next timer, and every run is the same."""

import asyncio
import itertools
import selectors
from collections.abc import Coroutine, Generator
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any

from tests.fakes import START


class DeadlockError(Exception):
    """Nothing is ready and no timer is set: the simulated system would wait for ever."""


class _JumpingSelector(selectors.SelectSelector):
    """Instead of waiting for a timeout, lets it pass."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise DeadlockError
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop without sockets or threads. `time()` starts at 0 and is in seconds."""

    def __init__(self) -> None:
        self._virtual = _JumpingSelector()
        super().__init__(self._virtual)
        self._numbers = itertools.count()
        self.set_task_factory(self._numbered_task)

    def time(self) -> float:
        """Seconds since the simulation began."""
        return self._virtual.now

    def clock(self) -> datetime:
        """The virtual present, cut to milliseconds as `shared.clock.utc_now` does."""
        return START + timedelta(milliseconds=int(self.time() * 1000))

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
