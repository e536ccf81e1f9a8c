"""Several awaitables at the same time, with one error instead of a group."""

import asyncio
from collections.abc import Awaitable, Iterable


async def gather_all(awaitables: Iterable[Awaitable[object]]) -> None:
    """Wait until all have ended, then raise the first error, if there is one.

    A TaskGroup would raise a group of errors, in which callers would not see that the trouble is transient.
    """
    for problem in await asyncio.gather(*awaitables, return_exceptions=True):
        if isinstance(problem, BaseException):
            raise problem
