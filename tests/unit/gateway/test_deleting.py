"""Deleting a batch over HTTP: not while it is running, and from then on there is no such batch."""

import asyncio
from typing import Any

import pytest

from services.gateway.answers.schemas import BatchStatus
from shared.documents import Batch, ChunkTotals
from shared.errors import BrokerUnavailableError, DocumentsUnavailableError
from shared.messaging.messages import BatchProgressed
from shared.object_keys import print_key
from tests.fakes import START
from tests.unit.gateway.conftest import JPEG, Gateway
from tests.unit.gateway.test_controls import BATCH, FAILURE, STATES, SUCCESS, UNKNOWN

ADDRESS = f"/pipeline/batch/{BATCH}"
DELETED = {"success": True, "data": {"batch_id": BATCH, "deleted": True}}
REFUSED = {
    "new": "batch_running",
    "running": "batch_running",
    "paused": "batch_running",
}


async def delete(gateway: Gateway, address: str = ADDRESS) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer."""
    response = await gateway.client.delete(address)
    body: dict[str, Any] = response.json()
    return response.status_code, body


async def stored(gateway: Gateway) -> Batch | None:
    """The batch as it is recorded."""
    return await gateway.ports.batches.get(BATCH)


@pytest.mark.parametrize("state", STATES)
async def test_a_batch_is_deleted_unless_it_is_running(gateway: Gateway, state: str) -> None:
    """Another is refused with a 409 that says why; `controls` has told before."""
    before = STATES[state]
    await gateway.ports.batches.add(before)
    link = BatchStatus.of(before).controls.delete
    status, body = await delete(gateway)
    if code := REFUSED.get(state):
        assert (status, body["error"]["code"], body["error"]["details"]) == (409, code, {"status": before.status})
        assert await stored(gateway) == before
        assert link is None
    else:
        assert (status, body) == (200, DELETED)
        assert link == ADDRESS


async def test_a_cancelled_batch_is_deleted_before_it_has_ended(gateway: Gateway) -> None:
    """Which ends it, also for services that still have it in mind; what is stored late goes with the tombstone."""
    batch_id = (await gateway.upload(("a.jpg", JPEG), ("b.jpg", JPEG))).json()["data"]["batch_id"]
    await gateway.client.post(f"/pipeline/batch/{batch_id}/cancel")
    status, body = await delete(gateway, f"/pipeline/batch/{batch_id}")
    assert (status, body["data"]) == (200, {"batch_id": batch_id, "deleted": True})
    batch = await gateway.ports.batches.get(batch_id)
    assert batch is not None
    assert (batch.status, batch.revoked_images, batch.pending_images) == ("REVOKED", 2, 0)
    await gateway.parts.janitor.flush()
    assert gateway.stored_keys() == []
    await gateway.ports.objects.put(print_key(batch_id, 0, "web", "jpg"), b"late")
    gateway.clock.step(600)
    await gateway.parts.janitor.sweep()
    assert gateway.stored_keys() == []
    assert await gateway.ports.batches.get(batch_id) is None


async def test_of_a_deletion_and_the_end_of_a_stopped_batch_both_are_kept(gateway: Gateway) -> None:
    """Whichever comes second: one end, and the batch is gone."""
    await gateway.ports.batches.add(STATES["stopping"])
    end = gateway.ports.batches.change(BATCH, lambda batch: batch.ended_early(ChunkTotals(completed_images=1), START))
    (status, _), _ = await asyncio.gather(delete(gateway), end)
    batch = await stored(gateway)
    assert batch is not None
    assert (status, batch.status, batch.pending_images, bool(batch.deleted_at)) == (200, "REVOKED", 0, True)


async def test_a_deleted_batch_is_not_found_anywhere(gateway: Gateway) -> None:
    """Its status, events, images, prints and controls, nor in the list; its name is forgotten."""
    await gateway.ports.batches.add(FAILURE)
    await delete(gateway)
    for path in ("", "/events", "/images", "/images/0/web"):
        response = await gateway.client.get(ADDRESS + path)
        assert (response.status_code, response.json()["error"]["code"]) == (404, "batch_not_found"), path
    for name in ("cancel", "pause", "resume", "retry"):
        response = await gateway.client.post(f"{ADDRESS}/{name}")
        assert (response.status_code, response.json()["error"]["code"]) == (404, "batch_not_found"), name
    assert (await gateway.client.get("/pipeline/batch")).json()["data"] == []
    batch = await stored(gateway)
    assert batch is not None
    assert batch.name == ""


async def test_deleting_twice_is_deleting_once(gateway: Gateway) -> None:
    """The same answer, for as long as the tombstone stands; also when a gateway died before it was emptied."""
    await gateway.ports.batches.add(SUCCESS)
    assert await delete(gateway) == (200, DELETED)
    first = await stored(gateway)
    gateway.clock.step(60)
    assert await delete(gateway) == (200, DELETED)
    assert await stored(gateway) == first
    await gateway.parts.janitor.flush()
    assert await delete(gateway) == (200, DELETED)
    gateway.clock.step(600)
    await gateway.parts.janitor.sweep()
    status, body = await delete(gateway)
    assert (status, body["error"]["code"]) == (404, "batch_not_found")


async def test_an_unknown_batch_is_not_found(gateway: Gateway) -> None:
    """Nor is what is no id."""
    status, body = await delete(gateway, f"/pipeline/batch/{UNKNOWN}")
    assert (status, body["error"]["code"]) == (404, "batch_not_found")
    status, body = await delete(gateway, "/pipeline/batch/x")
    assert (status, body["error"]["code"]) == (422, "batch_id_malformed")


async def test_everything_that_was_uploaded_goes(gateway: Gateway) -> None:
    """As soon as the janitor runs, which is woken."""
    batch_id = (await gateway.upload(("a.jpg", JPEG), ("b.jpg", JPEG))).json()["data"]["batch_id"]
    await gateway.ports.batches.change(
        batch_id, lambda batch: batch.changed(START, status="SUCCESS", completed_images=2)
    )
    await delete(gateway, f"/pipeline/batch/{batch_id}")
    assert len(gateway.stored_keys()) == 2
    await gateway.parts.janitor.flush()
    assert gateway.stored_keys() == []
    assert await gateway.ports.manifests.entries(batch_id, 0, 10) == []


async def test_gateways_are_told_so_that_streams_end(gateway: Gateway) -> None:
    """With the version of the tombstone. A broker that is away keeps nobody from deleting."""
    await gateway.ports.batches.add(SUCCESS)
    await delete(gateway)
    hint = BatchProgressed(batch_id=BATCH, batch_version=SUCCESS.version + 1)
    assert gateway.publisher.published == [hint]
    gateway.publisher.errors.append(BrokerUnavailableError("away"))
    assert await delete(gateway) == (200, DELETED)


async def test_of_a_retry_and_a_deletion_at_once_one_is_refused(gateway: Gateway) -> None:
    """Whichever comes second."""
    await gateway.ports.batches.add(FAILURE)
    retry, deletion = await asyncio.gather(gateway.client.post(f"{ADDRESS}/retry"), gateway.client.delete(ADDRESS))
    assert (retry.status_code, deletion.status_code) in {(200, 409), (404, 200)}
    batch = await stored(gateway)
    assert batch is not None
    assert (batch.generation == 1) != bool(batch.deleted_at)


async def test_many_who_delete_at_once_are_all_told_the_same(gateway: Gateway) -> None:
    """It is deleted once."""
    await gateway.ports.batches.add(SUCCESS)
    answers = await asyncio.gather(*(delete(gateway) for _ in range(10)))
    assert all(answer == (200, DELETED) for answer in answers)
    batch = await stored(gateway)
    assert batch is not None
    assert batch.version == SUCCESS.version + 1


async def test_a_database_that_is_away_is_a_503(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever repeats it later does no harm."""

    async def fail(*_arguments: object) -> Batch:
        raise DocumentsUnavailableError("away")

    monkeypatch.setattr(gateway.ports.batches, "change", fail)
    status, body = await delete(gateway)
    assert (status, body["error"]["code"]) == (503, "documents_unavailable")


async def test_every_refusal_is_documented(gateway: Gateway) -> None:
    """Under its status, with an example in both languages."""
    paths = (await gateway.client.get("/openapi.json")).json()["paths"]
    responses = paths["/pipeline/batch/{batch_id}"]["delete"]["responses"]
    examples = responses["409"]["content"]["application/json"]["examples"]
    refusals = {*REFUSED.values(), "draft_committed"}
    assert set(examples) == {f"{code} ({language})" for code in refusals for language in ("한국어", "English")}
    assert {"200", "404", "409", "422", "503"} <= set(responses)
