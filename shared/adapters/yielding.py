"""How stores in memory give others their turn, as a database would, so that races show."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")


def yielding(store: type[T]) -> type[T]:
    """Have each public asynchronous method of a class yield to the event loop once before its effect."""
    for name, method in list(vars(store).items()):
        if inspect.iscoroutinefunction(method) and not name.startswith("_"):
            setattr(store, name, _yielding_first(method))
    return store


def _yielding_first(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(method)
    async def yield_first(*args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0)  # takes no time, but every task that is ready runs before
        return await method(*args, **kwargs)

    return yield_first
