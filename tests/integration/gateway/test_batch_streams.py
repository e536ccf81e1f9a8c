"""Live changes of all batches over a real connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from httpx_sse import ServerSentEvent, aconnect_sse

from tests.fakes import DEADLINE_SECONDS
from tests.integration.gateway.conftest import ServedGateway


@asynccontextmanager
async def following_all(gateway: ServedGateway) -> AsyncIterator[AsyncIterator[ServerSentEvent]]:
    """A stream of the changes of all batches, behind its `hello`."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        async with aconnect_sse(gateway.client, "GET", "/pipeline/events?topics=batches") as source:
            assert source.response.headers["content-type"].startswith("text/event-stream")
            events = source.aiter_sse()
            hello = await anext(events)
            assert (hello.event, hello.retry) == ("hello", 1000)
            assert {"server_version", "page_version", "now"} == set(json.loads(hello.data))
            yield events


async def changed(events: AsyncIterator[ServerSentEvent], batch_id: str, **fields: object) -> dict[str, Any]:
    """What is said of a batch once these fields have these values."""
    async for event in events:
        assert event.event == "batches"
        for batch in json.loads(event.data)["batches"]:
            if batch["batch_id"] == batch_id and all(batch.get(name) == value for name, value in fields.items()):
                return dict(batch)
    raise AssertionError


async def test_a_batch_is_seen_from_its_upload_to_its_deletion(brisk: ServedGateway) -> None:
    """Its state is that which its own address shows; a follower of all sees it without knowing its id."""
    async with following_all(brisk) as events, following_all(brisk) as others:
        batch_id = await brisk.upload()
        await brisk.move(batch_id, status="STARTED", completed_images=1)
        seen = await changed(events, batch_id, completed_images=1)
        assert seen == (await brisk.client.get(f"/pipeline/batch/{batch_id}")).json()["data"]
        await brisk.move(batch_id, status="SUCCESS", completed_images=2)
        await changed(events, batch_id, status="SUCCESS")
        await brisk.client.delete(f"/pipeline/batch/{batch_id}")
        for stream in (events, others):
            assert await changed(stream, batch_id, deleted=True) == {"batch_id": batch_id, "deleted": True}


async def test_a_batch_that_nothing_is_hinted_of_is_seen(brisk: ServedGateway) -> None:
    """Another gateway recorded it while the broker was away."""
    async with following_all(brisk) as events:
        batch_id = await brisk.upload()
        assert (await changed(events, batch_id))["status"] == "PENDING"


async def test_stopping_ends_the_streams_of_all_batches(brisk: ServedGateway) -> None:
    """They have no end of their own."""
    async with following_all(brisk) as events:
        brisk.stopping.set()
        assert [event async for event in events] == []
        await asyncio.wait_for(asyncio.shield(brisk.service), DEADLINE_SECONDS)


async def test_an_unknown_topic_is_refused(brisk: ServedGateway) -> None:
    """As every value that cannot be used."""
    answer = await brisk.client.get("/pipeline/events?topics=weather")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


async def test_the_system_is_followed_beside_the_batches(brisk: ServedGateway) -> None:
    """With what its own address answers."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        path = "/pipeline/events?topics=system,batches"
        async with aconnect_sse(brisk.client, "GET", path) as source:
            batch_id = await brisk.upload()
            seen: dict[str, Any] = {}
            async for event in source.aiter_sse():
                seen[event.event] = json.loads(event.data)
                if set(seen) == {"hello", "batches", "system"}:
                    break
    assert seen["batches"]["batches"][0]["batch_id"] == batch_id
    assert set(seen["system"]) == set((await brisk.client.get("/pipeline/system")).json()["data"])
    assert seen["system"]["ready"] is True
