"""The list of all batches, page by page, a few requests at a time."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from shared.documents import EVERY_BATCH, Batch, BatchFilter
from shared.ports import BatchReader

MAX_AT_ONCE = 2
"""A list of 1,000 takes half a second of one core; more of them side by side would only hold up other requests."""

CURSOR_PATTERN = r"^([0-9]{1,17}-[0-9A-Za-z-]{1,64})?$"
"""Microseconds since 1970 and the id of the last batch of the page before."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class BatchList:
    """Reads and encodes pages of the list."""

    def __init__(self, batches: BatchReader) -> None:
        self._batches = batches
        self._turns = asyncio.Semaphore(MAX_AT_ONCE)

    async def page(
        self, limit: int, cursor: str, encode: Callable[[Batch], str], chosen: BatchFilter = EVERY_BATCH
    ) -> tuple[list[str], str | None]:
        """Give up to `limit` encoded batches that fit, the newest first, and the cursor of the next page.

        They begin behind the cursor.
        """
        async with self._turns:
            # One more than asked for tells whether there is a next page.
            found = await self._batches.newest(limit + 1, _place(cursor), chosen)
            encoded: list[str] = []
            for batch in found[:limit]:
                encoded.append(encode(batch))
                # Other requests are served between two batches.
                await asyncio.sleep(0)
        return encoded, _cursor(found[limit - 1]) if len(found) > limit else None


def _cursor(batch: Batch) -> str:
    return f"{(batch.created_at - _EPOCH) // _MICROSECOND}-{batch.id}"


def _place(cursor: str) -> tuple[datetime, str] | None:
    found = re.fullmatch(r"(\d+)-(.+)", cursor)
    return (_EPOCH + int(found[1]) * _MICROSECOND, found[2]) if found else None
