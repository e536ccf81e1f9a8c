"""Server-Sent Events on the wire, and what is sent while nothing happens."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from services.gateway.batches.followers import FollowerSlot
from services.gateway.batches.live_event import QUIET_SECONDS, LiveEvent
from services.gateway.batches.live_events import Hello, all_events, batch_events
from services.gateway.batches.watched_batch import WatchedBatch
from services.gateway.routes.event_stream import RECONNECT_MILLISECONDS, EventStream
from tests.fakes import START, new_batch
from tests.simulation.virtual_time import VirtualLoop
from tests.unit.gateway.conftest import Gateway

BATCH = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"
MOVED = LiveEvent("progress", '{"batch_name":"제주\\n여행"}', "17")
ENDED = LiveEvent("finished", "{}")


async def one_by_one(*events: LiveEvent | None) -> AsyncIterator[LiveEvent | None]:
    """These events."""
    for event in events:
        yield event


async def sent(*events: LiveEvent | None) -> list[bytes]:
    """What a stream of these sends, piece by piece."""
    return [piece async for piece in EventStream.of(one_by_one(*events)).body_iterator if isinstance(piece, bytes)]


async def test_events_are_sent_in_the_form_of_the_standard() -> None:
    """The first also says when to connect again; a comment stands for a while without events."""
    first, second, quiet = await sent(MOVED, ENDED, None)
    retry = RECONNECT_MILLISECONDS
    assert first == format_sse_event(event="progress", data_str=MOVED.data, id="17", retry=retry)
    assert second == format_sse_event(event="finished", data_str="{}")
    assert quiet == KEEPALIVE_COMMENT


async def test_heartbeats_follow_the_first_event_and_stand_for_every_silence_where_they_are_asked_for() -> None:
    """So a client knows at once that there will be some; browsers hand no comments on."""
    stream = EventStream.of(one_by_one(MOVED, None, ENDED), heartbeat=True).body_iterator
    beat = format_sse_event(event="heartbeat", data_str="{}")
    _, *others = [piece async for piece in stream]
    assert others == [beat, beat, format_sse_event(event="finished", data_str="{}")]


@pytest.mark.parametrize(
    "events", [f"/pipeline/batch/{BATCH}/events", f"/pipeline/batch/{BATCH}/events?heartbeat=true"]
)
async def test_clients_of_the_contract_hear_no_heartbeat(gateway: Gateway, events: str) -> None:
    """Only who asks for them does."""
    await gateway.ports.batches.add(new_batch(BATCH).changed(START, status="SUCCESS", finished_at=START))
    heard = [line for line in (await gateway.client.get(events)).text.splitlines() if line.startswith("event: ")]
    beats = ["event: heartbeat"] if "heartbeat" in events else []
    assert heard == ["event: progress", *beats, "event: finished"]


async def test_streams_send_the_same_bytes() -> None:
    """An event becomes bytes once, however many it goes to."""
    one, other = [EventStream.of(one_by_one(ENDED, MOVED)).body_iterator for _ in range(2)]
    pieces = [[piece async for piece in stream] for stream in (one, other)]
    assert pieces[0][1] is pieces[1][1]


def test_something_is_sent_while_a_batch_or_all_batches_are_quiet() -> None:
    """Proxies end connections on which nothing moves for a minute."""
    loop = VirtualLoop()
    hello = Hello(server_version="1", page_version=None, now=START)

    async def counted(events: AsyncIterator[LiveEvent | None]) -> list[str | None]:
        names: list[str | None] = []
        try:
            async with asyncio.timeout(2.5 * QUIET_SECONDS):
                async for event in events:
                    names += [event.name if event else None]
        except TimeoutError:
            pass
        return names

    async def both() -> list[list[str | None]]:
        watched = WatchedBatch()
        return [
            await counted(batch_events(new_batch(), watched)),
            await counted(all_events(FollowerSlot(["batches"]), hello, 1.0)),
        ]

    try:
        assert loop.run_until_complete(both()) == [["progress", None, None], ["hello", None, None]]
    finally:
        loop.close()
