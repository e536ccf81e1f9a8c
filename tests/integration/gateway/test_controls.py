"""Controls on real connections: whoever watches a batch sees each of them, and half-sent requests do nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.gateway.settings import GatewaySettings
from shared.documents import Batch, ChunkTotals
from shared.messaging.messages import BatchProgressed
from tests.fakes import DEADLINE_SECONDS, START
from tests.integration.gateway.conftest import ServedGateway, serving
from tests.integration.gateway.test_progress_streams import data_of, following


@pytest.fixture
async def hinted(tmp_path: Path) -> AsyncIterator[ServedGateway]:
    """A gateway whose streams move by hints alone."""
    settings = GatewaySettings(snapshot_interval_seconds=0.01, watch_refresh_seconds=3600, grace_seconds=1)
    async with serving(tmp_path / "objects", settings) as gateway:
        yield gateway


async def control(gateway: ServedGateway, batch_id: str, name: str) -> dict[str, Any]:
    """The batch as the control answers it."""
    response = await gateway.client.post(f"/pipeline/batch/{batch_id}/{name}")
    assert response.status_code == 200, response.text
    data: dict[str, Any] = response.json()["data"]
    return data


async def end(gateway: ServedGateway, batch_id: str) -> Batch:
    """End a stopped batch as the tracker does, and hint at it."""
    batch = await gateway.ports.batches.change(batch_id, lambda batch: batch.ended_early(ChunkTotals(), START))
    await gateway.ports.publisher.publish(BatchProgressed(batch_id=batch_id, batch_version=batch.version))
    return batch


async def test_a_stream_shows_every_control_at_once(hinted: ServedGateway) -> None:
    """Paused, resumed, stopping, revoked, and after a retry a new stream shows the batch going on."""
    batch_id = await hinted.upload()
    await hinted.move(batch_id, status="STARTED", completed_images=1)
    async with following(hinted, batch_id) as events:
        assert data_of(await anext(events))["paused"] is False
        for name, field, value in (
            ("pause", "paused", True),
            ("resume", "paused", False),
            ("cancel", "stop_reason", "cancelled"),
        ):
            answered = await control(hinted, batch_id, name)
            event = await anext(events)
            # The relay marks a resumed batch as told of, which is a change of its own.
            while int(event.id) < answered["version"]:
                event = await anext(events)
            assert data_of(event)[field] == value
        ended = await end(hinted, batch_id)
        rest = [event async for event in events]
        assert (rest[-1].event, rest[-1].id) == ("finished", str(ended.version))
        assert (data_of(rest[-1])["status"], data_of(rest[-1])["revoked_images"]) == ("REVOKED", 1)
    await control(hinted, batch_id, "retry")
    async with following(hinted, batch_id) as events:
        again = await anext(events)
        assert (again.event, data_of(again)["status"], data_of(again)["generation"]) == ("progress", "PENDING", 1)
        await hinted.move(batch_id, status="SUCCESS", completed_images=2)
        assert [event.event async for event in events][-1] == "finished"


@pytest.mark.parametrize("sent", [b"", b'{"recipe": "web'])
async def test_a_retry_whose_body_breaks_off_does_nothing(served: ServedGateway, sent: bytes) -> None:
    """Nor one of which nothing came: it would have named a recipe. The sender who still listens is told."""
    batch_id = await served.upload()
    failed = await served.move(batch_id, status="FAILURE", failed_images=2)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    head = f"POST /pipeline/batch/{batch_id}/retry HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 22\r\n\r\n"
    writer.write(head.encode() + sent)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"body_incomplete"' in answer
    assert await served.ports.batches.get(batch_id) == failed


async def test_a_retry_with_a_huge_body_is_refused(served: ServedGateway) -> None:
    """Without taking it into memory, and the sender hears why."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield bytes(10_000)

    batch_id = await served.upload()
    failed = await served.move(batch_id, status="FAILURE", failed_images=2)
    response = await served.client.post(f"/pipeline/batch/{batch_id}/retry", content=body())
    assert (response.status_code, response.json()["error"]["code"]) == (413, "request_too_large")
    assert await served.ports.batches.get(batch_id) == failed


async def test_many_who_cancel_at_once_are_all_told_the_same(served: ServedGateway) -> None:
    """One change, however many ask."""
    batch_id = await served.upload()
    answers = await asyncio.gather(*(control(served, batch_id, "cancel") for _ in range(20)))
    assert {answer["stop_reason"] for answer in answers} == {"cancelled"}
    assert len({answer["stopped_at"] for answer in answers}) == 1
