"""An Idempotency-Key: the same upload sent again is the same batch, however it was cut off, raced or answered."""

import asyncio
from typing import Any

import pytest

from shared.documents import Batch
from shared.errors import DocumentsUnavailableError
from shared.messaging.messages import BatchSubmitted
from tests.fakes import START
from tests.unit.gateway.conftest import JPEG, Gateway

KEY = {"Idempotency-Key": "2025-01-15 jeju ~!"}


async def upload(
    gateway: Gateway, *files: bytes, headers: dict[str, str] | None = None, **fields: str | bytes
) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to an upload of these files with the key."""
    form: dict[str, str | bytes] = {"batch_name": "holiday", **fields}
    named = [(f"{number}.jpg", file) for number, file in enumerate(files or (JPEG, JPEG))]
    response = await gateway.upload(*named, fields=form, headers=KEY if headers is None else headers)
    body: dict[str, Any] = response.json()
    return response.status_code, body


async def the_only_batch(gateway: Gateway) -> Batch:
    """What is recorded; what is stored is its originals alone."""
    [batch] = await gateway.ports.batches.newest(10)
    assert gateway.stored_keys() == [f"originals/{batch.id}/{index}" for index in range(batch.total_images)]
    return batch


async def test_an_upload_that_is_sent_again_makes_no_second_batch(gateway: Gateway) -> None:
    """The answer is that to the first, and the chunker is told once."""
    first = await upload(gateway)
    assert first[0] == 200
    for _ in range(3):
        assert await upload(gateway) == first
    batch = await the_only_batch(gateway)
    assert first[1]["data"]["context_id"] == batch.id
    assert await gateway.ports.manifests.entries(batch.id, 0, 10)
    await gateway.parts.relay.flush()
    assert gateway.publisher.of(BatchSubmitted) == [BatchSubmitted(batch_id=batch.id)]


async def test_also_when_the_batch_has_moved_on(gateway: Gateway) -> None:
    """The answer says nothing of its state; only the sentence is in the language that is asked for."""
    _, first = await upload(gateway)
    batch = await the_only_batch(gateway)
    await gateway.ports.batches.change(batch.id, lambda b: b.changed(START, status="SUCCESS", completed_images=2))
    status, again = await upload(gateway, headers={**KEY, "Accept-Language": "en"})
    assert (status, again["data"]["message"]) == (200, "Batch pipeline started: 2 images")
    assert {**again["data"], "message": first["data"]["message"]} == first["data"]


async def test_uploads_with_one_key_at_once_are_one_batch(gateway: Gateway) -> None:
    """All are answered with it."""
    answers = await asyncio.gather(*(upload(gateway) for _ in range(6)))
    batch = await the_only_batch(gateway)
    assert {(status, body["data"]["context_id"]) for status, body in answers} == {(200, batch.id)}


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "another"}])
async def test_another_key_or_none_is_another_batch(gateway: Gateway, headers: dict[str, str]) -> None:
    """Though the request is the same to the byte."""
    first, second = await upload(gateway), await upload(gateway, headers=headers)
    assert first[1]["data"]["context_id"] != second[1]["data"]["context_id"]
    assert len(await gateway.ports.batches.newest(10)) == 2


async def test_another_request_with_the_same_key_is_refused(gateway: Gateway) -> None:
    """Other files, another order, other fields: somebody's mistake, and not a batch to be lost in silence."""
    await upload(gateway, JPEG, JPEG + b"2")
    batch = await the_only_batch(gateway)
    for answer in (
        await upload(gateway, JPEG),
        await upload(gateway, JPEG + b"2", JPEG),
        await upload(gateway, JPEG, JPEG + b"3"),
        await upload(gateway, JPEG, JPEG + b"2", chunk_size="5"),
        await upload(gateway, JPEG, JPEG + b"2", batch_name="Holiday"),
    ):
        assert (answer[0], answer[1]["error"]["code"]) == (422, "idempotency_key_reused")
        assert answer[1]["error"]["details"] == {"batch_id": batch.id}
        assert await the_only_batch(gateway) == batch


async def test_a_batch_of_an_older_version_answers_to_its_key(gateway: Gateway) -> None:
    """Nothing is known of its request, so nothing can be compared."""
    _, first = await upload(gateway)
    batch = await the_only_batch(gateway)
    await gateway.ports.batches.change(batch.id, lambda b: b.changed(START, request_fingerprint=None))
    assert await upload(gateway) == (200, first)


async def test_an_upload_that_was_refused_uses_no_key_up(gateway: Gateway) -> None:
    """Corrected, it is sent with the same one."""
    status, _ = await upload(gateway, b"no image")
    assert status == 422
    status, _ = await upload(gateway)
    assert status == 200
    await the_only_batch(gateway)


async def test_a_deleted_batch_gives_its_key_back(gateway: Gateway) -> None:
    """The next upload with it is a new batch."""
    _, first = await upload(gateway)
    batch = await the_only_batch(gateway)
    await gateway.ports.batches.change(batch.id, lambda b: b.changed(START, status="SUCCESS", completed_images=2))
    await gateway.client.delete(f"/pipeline/batch/{batch.id}")
    await gateway.parts.janitor.flush()
    status, second = await upload(gateway)
    assert status == 200
    assert second["data"]["context_id"] != first["data"]["context_id"]
    await the_only_batch(gateway)


async def test_an_upload_whose_answer_was_lost_is_found_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knew whether it was recorded; with the key, the sender learns that it was."""
    monkeypatch.setattr("services.gateway.uploading.recording.PAUSES_SECONDS", (0, 0, 0))
    add = gateway.ports.batches.add

    async def unanswered(batch: Batch) -> None:
        await add(batch)
        raise DocumentsUnavailableError("no answer")

    async def unreadable(_batch_id: str) -> Batch:
        raise DocumentsUnavailableError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(gateway.ports.batches, "add", unanswered)
        patch.setattr(gateway.ports.batches, "get", unreadable)
        status, _ = await upload(gateway)
    assert status == 503
    [batch] = await gateway.ports.batches.newest(10)
    status, body = await upload(gateway)
    assert (status, body["data"]["context_id"]) == (200, batch.id)
    assert len(await gateway.ports.batches.newest(10)) == 1


async def test_an_upload_sent_again_is_answered_while_the_backlog_is_too_old(gateway: Gateway) -> None:
    """It is no new work, and answers get lost just then; all else is refused, and nothing is kept of it."""
    first = await upload(gateway)
    gateway.clock.step(31)
    assert await upload(gateway) == first
    refusals = [
        await upload(gateway, headers={}),
        await upload(gateway, headers={"Idempotency-Key": "another"}),
    ]
    assert [(status, body["error"]["code"]) for status, body in refusals] == [(503, "backlog_too_old")] * 2
    status, body = await upload(gateway, JPEG)
    assert (status, body["error"]["code"]) == (422, "idempotency_key_reused")
    assert (await the_only_batch(gateway)).id == first[1]["data"]["context_id"]


async def test_new_work_is_refused_unread_while_the_backlog_is_too_old(gateway: Gateway) -> None:
    """Whatever its key; and a deleted batch's key is one that nobody knows."""
    await upload(gateway)
    batch = await the_only_batch(gateway)
    gateway.clock.step(31)
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Idempotency-Key": "another"}
    response = await gateway.client.post("/pipeline/batch", headers=headers, content=b"unread")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "backlog_too_old")
    await gateway.ports.batches.change(batch.id, lambda b: b.changed(START, status="SUCCESS").deleted(START))
    response = await gateway.client.post("/pipeline/batch", headers={**headers, **KEY}, content=b"unread")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "backlog_too_old")


async def test_trouble_while_a_key_is_looked_for_is_told_as_trouble(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows then whether it is new work, and nothing is read."""
    await upload(gateway)
    gateway.clock.step(31)

    async def unreadable(_key: str) -> Batch:
        raise DocumentsUnavailableError("no answer")

    monkeypatch.setattr(gateway.ports.batches, "of_key", unreadable)
    status, body = await upload(gateway)
    assert (status, body["error"]["code"]) == (503, "documents_unavailable")
    await the_only_batch(gateway)


@pytest.mark.parametrize("key", ["k", "k" * 255, '"quoted", with ~ and spaces'])
async def test_a_key_is_printable_ascii(gateway: Gateway, key: str) -> None:
    """Of up to 255 characters."""
    status, _ = await upload(gateway, headers={"Idempotency-Key": key})
    assert status == 200
    assert (await the_only_batch(gateway)).idempotency_key == key


@pytest.mark.parametrize("key", [b"", b"k" * 256, "제주".encode(), b"a\tb", b"\xff", b"\x7f"])
async def test_any_other_key_is_refused(gateway: Gateway, key: bytes) -> None:
    """Before anything is read."""
    response = await gateway.client.post("/pipeline/batch", headers={b"Idempotency-Key": key}, content=b"unread")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "idempotency_key_invalid")
    assert await gateway.is_empty()


async def test_two_keys_are_refused(gateway: Gateway) -> None:
    """Nobody knows which is meant."""
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    response = await gateway.client.post("/pipeline/batch", headers=headers, content=b"unread")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "idempotency_key_invalid")


async def test_the_key_is_documented(gateway: Gateway) -> None:
    """As a header of the upload, beside its refusals."""
    operation = (await gateway.client.get("/openapi.json")).json()["paths"]["/pipeline/batch"]["post"]
    [parameter] = [parameter for parameter in operation["parameters"] if parameter["in"] == "header"]
    assert (parameter["name"].lower(), parameter["in"], parameter["required"]) == ("idempotency-key", "header", False)
    examples = operation["responses"]["422"]["content"]["application/json"]["examples"]
    assert "idempotency_key_reused (English)" in examples


async def test_other_options_are_another_request(gateway: Gateway) -> None:
    """The same ones are the same."""
    options = '{"outputs": [{"name": "p", "format": "png"}]}'
    first = await upload(gateway, options=options)
    assert await upload(gateway, options=options) == first
    for other in (options.replace("png", "webp"), ""):
        status, answer = await upload(gateway, options=other)
        assert (status, answer["error"]["code"]) == (422, "idempotency_key_reused")
    await the_only_batch(gateway)


async def test_a_repeated_upload_may_name_a_recipe_that_is_gone(gateway: Gateway) -> None:
    """The batch that it made has it. Without the key, and with another name, there is nothing to answer."""
    await gateway.client.put("/pipeline/recipes/mine", json={"outputs": [{"name": "p", "format": "png"}]})
    first = await upload(gateway, recipe="mine")
    assert first[0] == 200
    await gateway.client.delete("/pipeline/recipes/mine")
    assert await upload(gateway, recipe="mine") == first
    assert (await upload(gateway, recipe="mine", headers={}))[1]["error"]["code"] == "recipe_unknown"
    assert (await upload(gateway, recipe="other"))[1]["error"]["code"] == "idempotency_key_reused"
    await the_only_batch(gateway)
