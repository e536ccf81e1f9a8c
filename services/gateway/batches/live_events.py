"""What is sent to those who follow batches live, on whatever transport."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Self

from services.gateway.answers.built_page import BuiltPage
from services.gateway.answers.envelope import Body, Instant
from services.gateway.batches.followers import Followers, FollowerSlot
from services.gateway.batches.live_event import QUIET_SECONDS, LiveEvent
from services.gateway.batches.watched_batch import WatchedBatch
from shared.documents import Batch
from shared.release import release


class Hello(Body):
    """What a stream of all batches begins with."""

    server_version: str

    page_version: str | None
    """Of the page that this gateway serves; a page of another version is to be loaded again. Null without a page."""

    now: Instant

    @classmethod
    def at(cls, now: datetime, page: BuiltPage) -> Self:
        return cls(server_version=release(), page_version=page.version, now=now)


async def batch_events(first: Batch, watched: WatchedBatch) -> AsyncIterator[LiveEvent | None]:
    """Yield `progress` for each state of a batch that is sent, and `finished` at its end; None while it is quiet."""
    async for snapshot in watched.snapshots(first):
        for event in snapshot.events() if snapshot else (None,):
            yield event


async def all_events(slot: FollowerSlot, hello: Hello, interval_seconds: float) -> AsyncIterator[LiveEvent | None]:
    """Yield `hello`, and then what is new of the slot's topics, at most once in `interval_seconds`.

    None while it is quiet.
    """
    yield LiveEvent("hello", hello.model_dump_json())
    while True:
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                events = await slot.take()
        except TimeoutError:
            yield None
            continue
        if events is None:
            return
        for name, data in events.items():
            yield LiveEvent(name, data)
        # What changes meanwhile is coalesced in the slot.
        await asyncio.sleep(interval_seconds)


async def offer_system(read: Callable[[], Awaitable[Body]], followers: Followers) -> None:
    """Offer the system's figures to those who follow them, read once for all of them."""
    if followers.of("system"):
        figures = (await read()).model_dump_json()
        for slot in followers.of("system"):
            slot.offer_system(figures)
