"""What is sent to those who follow batches live, on whatever transport."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from services.gateway.answers.built_page import BuiltPage
from services.gateway.answers.envelope import Body, Instant
from services.gateway.answers.schemas import BatchStatus
from services.gateway.batches.followers import Followers, FollowerSlot
from services.gateway.batches.progress_feed import LatestBatch, snapshots
from shared.documents import Batch
from shared.release import release


@dataclass(frozen=True)
class LiveEvent:
    """One event: its name, its data as JSON, and the id by which a client says later what it has seen."""

    name: str
    data: str
    id: str | None = None


class Hello(Body):
    """What a stream of all batches begins with."""

    server_version: str

    page_version: str | None
    """Of the page that this gateway serves; a page of another version is to be loaded again. Null without a page."""

    now: Instant

    @classmethod
    def at(cls, now: datetime, page: BuiltPage) -> Self:
        return cls(server_version=release(), page_version=page.version, now=now)


async def batch_events(first: Batch, slot: LatestBatch, interval_seconds: float) -> AsyncIterator[LiveEvent]:
    """Yield `progress` for each state of a batch that is sent, and `finished` at its end."""
    async for batch in snapshots(first, slot, interval_seconds):
        status = BatchStatus.of(batch).model_dump_json()
        # The last state's id comes with `finished`: a client that lost that one asks for it again.
        yield LiveEvent("progress", status, None if batch.is_finished else str(batch.version))
        if batch.is_finished:
            yield LiveEvent("finished", status, str(batch.version))


async def all_events(slot: FollowerSlot, hello: Hello, interval_seconds: float) -> AsyncIterator[LiveEvent]:
    """Yield `hello`, and then what is new of the slot's topics, at most once in `interval_seconds`."""
    yield LiveEvent("hello", hello.model_dump_json())
    while (events := await slot.take()) is not None:
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
