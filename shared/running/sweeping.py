"""How reconcilers sweep: over every batch, page by page, and past what is wrong with one of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import structlog

from shared.documents import Batch, Draft
from shared.errors import TransientError
from shared.ports import BatchSweeps

log = structlog.get_logger()


Swept = TypeVar("Swept", Batch, Draft)


async def pages(read: Callable[[int, str], Awaitable[Sequence[Swept]]], limit: int) -> AsyncIterator[Sequence[Swept]]:
    """Pages of documents in the order of their ids; `read` answers up to `limit` of them after an id."""
    after = ""
    while page := await read(limit, after):
        yield page
        # By id: positions would shift when one ends between two pages.
        after = page[-1].id


async def unfinished_batches(batches: BatchSweeps, page: int) -> AsyncIterator[Batch]:
    """Every unfinished batch in the order of their ids, `page` at a time; each as it was when its page was read."""
    async for found in pages(batches.unfinished, page):
        for batch in found:
            yield batch


class SweepFailures:
    """What went wrong in one sweep: it goes on to the other batches, and fails at its end."""

    def __init__(self) -> None:
        self._failures: list[Exception] = []

    @contextmanager
    def put_off(self, batch_id: str) -> Iterator[None]:
        """Keep what the block raises for the end of the sweep; a `TransientError` concerns every batch and ends it."""
        try:
            yield
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - one broken batch must not keep the others from being swept
            log.warning("batch_not_swept", batch_id=batch_id, error=repr(error))
            self._failures.append(error)

    def raise_all(self) -> None:
        """Raise an `ExceptionGroup` of what was kept; nothing happens if nothing was."""
        if self._failures:
            raise ExceptionGroup(f"batches that could not be swept: {len(self._failures)}", self._failures)
