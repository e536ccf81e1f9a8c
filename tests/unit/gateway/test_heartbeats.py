"""Heartbeats among live events: a client that hears none has lost its gateway."""

import asyncio
from collections.abc import AsyncIterator

from services.gateway.batches.live_events import HEARTBEAT, LiveEvent, with_heartbeats
from tests.fakes import START, new_batch, until
from tests.unit.gateway.conftest import Gateway

BATCH = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"
FIRST, SECOND = LiveEvent("progress", "1"), LiveEvent("progress", "2")


class Source:
    """Events that come when a test says so."""

    def __init__(self, *events: LiveEvent | None) -> None:
        self.coming: asyncio.Queue[LiveEvent | None] = asyncio.Queue()
        self.is_closed = False
        for event in events:
            self.coming.put_nowait(event)

    async def events(self) -> AsyncIterator[LiveEvent]:
        """Those that came, until a None."""
        try:
            while (event := await self.coming.get()) is not None:
                yield event
        finally:
            self.is_closed = True


async def test_a_heartbeat_follows_the_first_event_and_every_silence() -> None:
    """So a client knows at once that there will be some; each event comes once, to the end."""
    source = Source(FIRST)
    stream = with_heartbeats(source.events(), seconds=0.001)
    assert [await anext(stream) for _ in range(4)] == [FIRST, *[HEARTBEAT] * 3]
    source.coming.put_nowait(SECOND)
    source.coming.put_nowait(None)
    assert [event async for event in stream if event != HEARTBEAT] == [SECOND]


async def test_events_that_come_fast_leave_no_room_for_heartbeats() -> None:
    """They say the same."""
    source = Source(FIRST, SECOND, SECOND, None)
    assert [event async for event in with_heartbeats(source.events(), 60)] == [FIRST, HEARTBEAT, SECOND, SECOND]


async def test_events_are_left_with_their_follower() -> None:
    """In the midst of a wait for the next."""
    source = Source(FIRST)
    following = asyncio.create_task(_drain(with_heartbeats(source.events(), 60)))
    await until(source.coming.empty)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert source.is_closed


async def _drain(events: AsyncIterator[LiveEvent]) -> None:
    async for _ in events:
        pass


async def test_streams_have_heartbeats_only_where_they_are_asked_for(gateway: Gateway) -> None:
    """Clients of the contract hear what they have always heard."""
    await gateway.ports.batches.add(new_batch(BATCH).changed(START, status="SUCCESS", finished_at=START))
    plain, beating = [
        (await gateway.client.get(f"/pipeline/batch/{BATCH}/events{query}")).text for query in ("", "?heartbeat=true")
    ]
    assert "heartbeat" not in plain
    assert [line for line in beating.splitlines() if line.startswith("event: ")] == [
        "event: progress",
        "event: heartbeat",
        "event: finished",
    ]
