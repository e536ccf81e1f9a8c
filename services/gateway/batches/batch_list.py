"""The list of all batches, page by page, a few requests at a time."""

import asyncio
from collections.abc import Callable

from services.gateway.answers.list_cursors import cursor_behind, place_at
from shared.documents import EVERY_BATCH, Batch, BatchFilter
from shared.ports import BatchReader

MAX_AT_ONCE = 2
"""A list of 1,000 takes half a second of one core; more of them side by side would only hold up other requests."""


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
            found = await self._batches.newest(limit + 1, place_at(cursor), chosen)
            encoded: list[str] = []
            for batch in found[:limit]:
                encoded.append(encode(batch))
                # Other requests are served between two batches.
                await asyncio.sleep(0)
        last = found[limit - 1] if len(found) > limit else None
        return encoded, cursor_behind(last.created_at, last.id) if last else None
