"""Server-Sent Events over a real connection, from the first snapshot to the end of the stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from httpx_sse import EventSource, ServerSentEvent, aconnect_sse

from tests.fakes import DEADLINE_SECONDS, START
from tests.integration.gateway.conftest import ServedGateway


@asynccontextmanager
async def following(
    gateway: ServedGateway, batch_id: str, headers: dict[str, str] | None = None
) -> AsyncIterator[AsyncIterator[ServerSentEvent]]:
    """A stream of the batch's events."""
    path = f"/pipeline/batch/{batch_id}/events"
    async with asyncio.timeout(DEADLINE_SECONDS):
        async with aconnect_sse(gateway.client, "GET", path, headers=headers or {}) as source:
            assert_is_stream(source)
            yield source.aiter_sse()


def assert_is_stream(source: EventSource) -> None:
    """A stream is never cached or compressed."""
    headers = source.response.headers
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-cache"
    assert "content-encoding" not in headers


def data_of(event: ServerSentEvent) -> dict[str, Any]:
    """The event's JSON."""
    data: dict[str, Any] = json.loads(event.data)
    return data


async def test_a_batch_is_followed_from_its_first_state_to_its_last(served: ServedGateway) -> None:
    """The first event comes at once, hints bring the next, and after `finished` the stream closes."""
    batch_id = await served.upload()
    async with following(served, batch_id) as events:
        first = await anext(events)
        assert (first.event, data_of(first)["status"]) == ("progress", "PENDING")
        moved = await served.move(batch_id, status="STARTED", completed_images=1)
        event = await anext(events)
        while int(event.id) < moved.version:
            event = await anext(events)
        assert (event.event, event.id) == ("progress", str(moved.version))
        status = (await served.client.get(f"/pipeline/batch/{batch_id}")).json()["data"]
        assert data_of(event) == status
        await served.move(batch_id, status="SUCCESS", completed_images=2)
        rest = [event async for event in events]
    assert [event.event for event in rest] == ["progress", "finished"]
    assert data_of(rest[0]) == data_of(rest[1])
    assert data_of(rest[1])["status"] == "SUCCESS"
    assert rest[1].id == str(data_of(rest[1])["version"])


async def test_a_finished_batch_is_told_in_two_events(served: ServedGateway) -> None:
    """Whatever was seen before, and whatever Last-Event-ID says."""
    batch_id = await served.upload()
    await served.move(batch_id, status="FAILURE", failed_images=2)
    for last in (None, "0", "999999", "garbage \x7f"):
        async with following(served, batch_id, {"Last-Event-ID": last} if last else None) as events:
            assert [event.event async for event in events] == ["progress", "finished"]


async def test_an_event_source_that_is_left_open_stops(served: ServedGateway) -> None:
    """After the end it connects again with the last event's id, and is told that nothing will come."""
    batch_id = await served.upload()
    await served.move(batch_id, status="SUCCESS", completed_images=2)
    async with following(served, batch_id) as events:
        state, end = [event async for event in events]
    assert state.id == ""  # a client that loses the end asks for it again
    path = f"/pipeline/batch/{batch_id}/events"
    answer = await served.client.get(path, headers={"Last-Event-ID": end.id})
    assert (answer.status_code, answer.content) == (204, b"")
    await served.ports.batches.change(batch_id, lambda batch: batch.deleted(START))
    assert (await served.client.get(path, headers={"Last-Event-ID": "1"})).status_code == 204
    assert (await served.client.get(path)).status_code == 404


async def test_every_client_gets_the_final_event(served: ServedGateway) -> None:
    """Twenty of one batch, some of whom read nothing for a while."""
    batch_id = await served.upload(images=50)

    async def last_event(reading: asyncio.Event) -> ServerSentEvent:
        async with following(served, batch_id) as events:
            last = await anext(events)
            connected.release()
            await reading.wait()
            async for event in events:
                last = event
            return last

    connected = asyncio.Semaphore(0)
    eager, lazy = asyncio.Event(), asyncio.Event()
    eager.set()
    async with asyncio.TaskGroup() as tasks:
        clients = [tasks.create_task(last_event(lazy if number % 4 == 0 else eager)) for number in range(20)]
        for _ in clients:
            await connected.acquire()
        for completed in range(1, 50):
            await served.move(batch_id, status="STARTED", completed_images=completed)
        final = await served.move(batch_id, status="SUCCESS", completed_images=50)
        lazy.set()
    assert {(client.result().event, client.result().id) for client in clients} == {("finished", str(final.version))}


async def test_a_client_that_leaves_is_forgotten(served: ServedGateway) -> None:
    """And the gateway goes on for the others."""
    batch_id = await served.upload()
    async with following(served, batch_id) as events:
        await anext(events)
    await served.move(batch_id, status="SUCCESS", completed_images=2)
    async with following(served, batch_id) as events:
        assert [event.event async for event in events] == ["progress", "finished"]


async def test_stopping_ends_open_streams_and_the_service(served: ServedGateway) -> None:
    """Without a final event, so that clients connect again elsewhere."""
    batch_id = await served.upload()
    async with following(served, batch_id) as events:
        await anext(events)
        served.stopping.set()
        assert "finished" not in [event.event async for event in events]
        await asyncio.wait_for(asyncio.shield(served.service), DEADLINE_SECONDS)
    try:
        await served.client.get("/healthz")
    except httpx.ConnectError:
        return
    raise AssertionError


async def test_the_head_of_a_stream_comes_at_once(served: ServedGateway) -> None:
    """Of a batch that goes on for long; the connection is free for the next request."""
    batch_id = await served.upload()
    async with asyncio.timeout(DEADLINE_SECONDS):
        head = await served.client.head(f"/pipeline/batch/{batch_id}/events")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"].startswith("text/event-stream")
        assert (await served.client.get(f"/pipeline/batch/{batch_id}")).status_code == 200
