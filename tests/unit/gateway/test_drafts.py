"""Drafts over HTTP: begun, extended, looked at, committed and given up."""

import asyncio
from typing import Any

import httpx
import pytest

from shared.messaging.messages import BatchSubmitted
from tests.unit.gateway.conftest import JPEG, Gateway


async def begin(gateway: Gateway, **fields: Any) -> str:
    """The id of a draft named `holiday`."""
    answer = await gateway.client.post("/pipeline/batch?draft=true", json={"batch_name": "holiday", **fields})
    assert answer.status_code == 201, answer.text
    draft_id: str = answer.json()["data"]["draft_id"]
    return draft_id


async def append(
    gateway: Gateway, draft_id: str, *names: str, data: bytes = JPEG, key: str | None = None, position: int | str = ""
) -> httpx.Response:
    """Append files of these names, each with its name in its bytes."""
    parts: list[Any] = [("position", (None, str(position)))] if position != "" else []
    parts += [("files", (name, data + name.encode())) for name in names]
    headers = {"Idempotency-Key": key} if key else {}
    return await gateway.client.post(f"/pipeline/batch/{draft_id}/images", files=parts, headers=headers)


async def commit(gateway: Gateway, draft_id: str) -> httpx.Response:
    """Commit a draft."""
    return await gateway.client.post(f"/pipeline/batch/{draft_id}/commit", headers={"Accept-Language": "en"})


async def names_in(gateway: Gateway, batch_id: str) -> list[str]:
    """The names of a batch's images in order, each image's original being where its entry says."""
    entries = await gateway.ports.manifests.entries(batch_id, 0, 10_000)
    assert [entry.index for entry in entries] == list(range(len(entries)))
    for entry in entries:
        if entry.unfit is None:
            assert await gateway.ports.objects.get(entry.original_key(batch_id)) == JPEG + entry.name.encode()
    return [entry.name for entry in entries]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_draft_becomes_a_batch_of_everything_that_was_appended(gateway: Gateway) -> None:
    """In the client's order, whatever arrived first; the chunker is told once."""
    draft_id = await begin(gateway, priority="high", chunk_size=2, failure_threshold=12.5, recipe="web-webp")
    later = await append(gateway, draft_id, "c.jpg", "d.jpg", position=2)
    assert later.json()["data"]["received_images"] == 2
    assert [file["name"] for file in later.json()["data"]["received"]] == ["c.jpg", "d.jpg"]
    assert (await append(gateway, draft_id, "a.jpg", "b.jpg", position=0)).json()["data"]["received_images"] == 4
    answer = await commit(gateway, draft_id)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["message"] == "Batch pipeline started: 4 images"
    assert await names_in(gateway, draft_id) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    batch = await gateway.ports.batches.get(draft_id)
    assert batch is not None
    assert (batch.name, batch.priority, batch.chunk_size, batch.recipe.name) == ("holiday", "high", 2, "web-webp")
    assert (batch.total_images, batch.total_chunks, batch.was_draft) == (4, 2, True)
    assert batch.failure_threshold is not None
    assert batch.failure_threshold.percent == 12.5
    await gateway.parts.relay.flush()
    assert gateway.publisher.of(BatchSubmitted) == [BatchSubmitted(batch_id=draft_id)]


async def test_commits_again_and_at_once_make_one_batch(gateway: Gateway) -> None:
    """All are answered the same."""
    draft_id = await begin(gateway)
    await append(gateway, draft_id, "a.jpg")
    answers = await asyncio.gather(*(commit(gateway, draft_id) for _ in range(5)))
    answers.append(await commit(gateway, draft_id))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(await gateway.ports.batches.newest(10)) == 1
    await gateway.parts.relay.flush()
    assert gateway.publisher.of(BatchSubmitted) == [BatchSubmitted(batch_id=draft_id)]


async def test_a_draft_is_no_batch_before_its_commit(gateway: Gateway) -> None:
    """Nobody sees one: neither clients nor the services behind the documents."""
    draft_id = await begin(gateway)
    await append(gateway, draft_id, "a.jpg")
    assert code_of(await gateway.client.get(f"/pipeline/batch/{draft_id}")) == (404, "batch_not_found")
    assert not await gateway.ports.batches.newest(10)
    assert not await gateway.ports.batches.unfinished(10)
    assert not await gateway.ports.manifests.entries(draft_id, 0, 10)


async def test_appends_at_once_are_all_in_the_batch(gateway: Gateway) -> None:
    """Each once, though many take their places at the same time."""
    draft_id = await begin(gateway)
    names = [f"{number:03}.jpg" for number in range(60)]
    answers = await asyncio.gather(
        *(append(gateway, draft_id, *names[first : first + 3], position=first) for first in range(0, 60, 3))
    )
    assert {answer.status_code for answer in answers} == {200}
    await commit(gateway, draft_id)
    assert await names_in(gateway, draft_id) == names


async def test_an_append_that_is_sent_again_is_answered_as_before(gateway: Gateway) -> None:
    """And appends nothing more, also when both arrive at once; other files under the key are refused."""
    draft_id = await begin(gateway)
    answers = await asyncio.gather(*(append(gateway, draft_id, "a.jpg", key="k") for _ in range(4)))
    answers.append(await append(gateway, draft_id, "a.jpg", key="k"))
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["data"]["received"] == answers[0].json()["data"]["received"] for answer in answers)
    assert answers[-1].json()["data"]["received_images"] == 1
    assert code_of(await append(gateway, draft_id, "b.jpg", key="k")) == (422, "idempotency_key_reused")
    assert len(gateway.stored_keys()) == 1
    await append(gateway, draft_id, "b.jpg", key="l")
    await commit(gateway, draft_id)
    assert await names_in(gateway, draft_id) == ["a.jpg", "b.jpg"]


async def test_an_empty_draft_is_not_committed_and_stays_open(gateway: Gateway) -> None:
    """Nor one of files that are no images, which are named."""
    draft_id = await begin(gateway)
    assert code_of(await commit(gateway, draft_id)) == (409, "draft_empty")
    odd = await append(gateway, draft_id, "notes.txt", data=b"dear diary ")
    assert odd.json()["data"]["received"][0]["unfit"]["code"] == "unsupported_format"
    refused = await commit(gateway, draft_id)
    assert code_of(refused) == (422, "no_images")
    assert refused.json()["error"]["details"]["files"][0]["name"] == "notes.txt"
    await append(gateway, draft_id, "a.jpg")
    assert (await commit(gateway, draft_id)).status_code == 200
    assert await names_in(gateway, draft_id) == ["notes.txt", "a.jpg"]


async def test_nothing_is_appended_after_the_commit(gateway: Gateway) -> None:
    """What was sent is removed again."""
    draft_id = await begin(gateway)
    await append(gateway, draft_id, "a.jpg")
    await commit(gateway, draft_id)
    stored = gateway.stored_keys()
    assert code_of(await append(gateway, draft_id, "b.jpg")) == (409, "draft_committed")
    assert gateway.stored_keys() == stored
    assert await names_in(gateway, draft_id) == ["a.jpg"]


async def test_a_draft_says_what_it_holds_and_how_long_it_is_kept(gateway: Gateway) -> None:
    """Exactly, and until when."""
    draft_id = await begin(gateway)
    gateway.clock.step(60)
    await append(gateway, draft_id, "a.jpg")
    await append(gateway, draft_id, "notes.txt", data=b"dear diary ")
    answer = (await gateway.client.get(f"/pipeline/batch/{draft_id}/draft")).json()["data"]
    size = len(JPEG + b"a.jpg") + len(b"dear diary notes.txt")
    assert (answer["state"], answer["batch_name"], answer["recipe"]) == ("open", "holiday", "web")
    assert (answer["received_images"], answer["received_bytes"], answer["unfit_images"]) == (2, size, 1)
    assert (answer["created_at"], answer["expires_at"]) == ("2025-01-15T10:30:00Z", "2025-01-16T10:31:00Z")
    listed = (await gateway.client.get("/pipeline/drafts")).json()["data"]
    assert [(draft["draft_id"], draft["received_images"]) for draft in listed] == [(draft_id, 2)]
    await commit(gateway, draft_id)
    assert (await gateway.client.get("/pipeline/drafts")).json()["data"] == []
    answer = (await gateway.client.get(f"/pipeline/batch/{draft_id}/draft")).json()["data"]
    assert (answer["state"], answer["expires_at"]) == ("committed", None)


async def test_what_is_missing_is_found_by_name_and_size(gateway: Gateway) -> None:
    """Each as often as it is there, and whatever form of Unicode a system writes accents in."""
    draft_id = await begin(gateway)
    await append(gateway, draft_id, "a.jpg", "a.jpg", "제주.jpg")
    size, korean = len(JPEG) + 5, len(JPEG + "제주.jpg".encode())
    files = [
        {"name": "a.jpg", "size_bytes": size},
        {"name": "b.jpg", "size_bytes": size},
        {"name": "a.jpg", "size_bytes": size + 1},
        {"name": "a.jpg", "size_bytes": size},
        {"name": "a.jpg", "size_bytes": size},
        {"name": "제주.jpg", "size_bytes": korean},
    ]
    answer = await gateway.client.post(f"/pipeline/batch/{draft_id}/missing", json={"files": files})
    assert answer.json() == {"success": True, "data": {"missing": [1, 2, 4]}}
    # curl calls it a form, and Windows puts a byte order mark before it.
    answer = await gateway.client.post(f"/pipeline/batch/{draft_id}/missing", content=b'\xef\xbb\xbf{"files": []}')
    assert answer.json() == {"success": True, "data": {"missing": []}}


@pytest.mark.parametrize(
    "name",
    ["%EC%A0%9C%EC%A3%BC.jpg", "100%25.jpg", "50%22.jpg", 'a"b".jpg', "a%0Ab.jpg", "=?utf-8?b?7KCc?=",
     "x" * 2000, "C:\\photos\\a.jpg", "폴더/제주.jpg"],
)  # fmt: skip
async def test_a_file_with_an_odd_name_is_not_missing_once_it_was_received(gateway: Gateway, name: str) -> None:
    """Names that only look encoded are decoded when they arrive: such a file was uploaded again at each resume."""
    draft_id = await begin(gateway)
    received = (await append(gateway, draft_id, name)).json()["data"]["received"]
    files = [{"name": name, "size_bytes": received[0]["size_bytes"]}] * 2
    answer = await gateway.client.post(f"/pipeline/batch/{draft_id}/missing", json={"files": files})
    assert answer.json()["data"]["missing"] == [1]


async def test_a_draft_is_begun_once_by_key(gateway: Gateway) -> None:
    """In any format; another form under the same key is refused, and a key that was given up is free."""
    headers = {"Idempotency-Key": "jeju"}
    client, form = gateway.client, {"batch_name": "제주"}
    answers = await asyncio.gather(
        client.post("/pipeline/batch?draft", json=form, headers=headers),
        client.post("/pipeline/batch?draft=1", data=form, headers=headers),
        client.post("/pipeline/batch?draft=true", files={"batch_name": (None, "제주")}, headers=headers),
    )
    assert {answer.status_code for answer in answers} == {201}
    [draft_id] = {answer.json()["data"]["draft_id"] for answer in answers}
    other = await client.post("/pipeline/batch?draft", json={"batch_name": "x"}, headers=headers)
    assert code_of(other) == (422, "idempotency_key_reused")
    await client.delete(f"/pipeline/batch/{draft_id}")
    other = await client.post("/pipeline/batch?draft", json={"batch_name": "x"}, headers=headers)
    assert other.status_code == 201


async def test_the_key_of_a_draft_is_free_when_its_batch_is_deleted(gateway: Gateway) -> None:
    """Else who begins again would be given a draft that takes nothing."""

    async def begun() -> str:
        answer = await gateway.client.post(
            "/pipeline/batch?draft", data={"batch_name": "jeju"}, headers={"Idempotency-Key": "jeju"}
        )
        return str(answer.json()["data"]["draft_id"])

    draft_id = await begun()
    await append(gateway, draft_id, "a.jpg")
    await commit(gateway, draft_id)
    assert await begun() == draft_id
    await gateway.client.post(f"/pipeline/batch/{draft_id}/cancel")
    assert (await gateway.client.delete(f"/pipeline/batch/{draft_id}")).status_code == 200
    another = await begun()
    assert another not in {draft_id, await begin(gateway)}
    assert await begun() == another
    assert (await append(gateway, another, "a.jpg")).status_code == 200


async def test_a_draft_that_is_deleted_is_gone(gateway: Gateway) -> None:
    """For every request, and DELETE may be repeated."""
    draft_id = await begin(gateway)
    await append(gateway, draft_id, "a.jpg")
    for _ in range(2):
        answer = await gateway.client.delete(f"/pipeline/batch/{draft_id}")
        assert (answer.status_code, answer.json()["data"]["batch_id"]) == (200, draft_id)
    assert code_of(await append(gateway, draft_id, "b.jpg")) == (404, "draft_not_found")
    assert code_of(await commit(gateway, draft_id)) == (404, "draft_not_found")
    assert code_of(await gateway.client.get(f"/pipeline/batch/{draft_id}/draft")) == (404, "draft_not_found")
    assert (await gateway.client.get("/pipeline/drafts")).json()["data"] == []


async def test_every_draft_is_listed_page_by_page(gateway: Gateway) -> None:
    """The newest first, each once, also those that were begun at the same moment."""
    begun = [await begin(gateway) for _ in range(3)]
    gateway.clock.step(1)
    begun.append(await begin(gateway))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await gateway.client.get("/pipeline/drafts", params={"limit": 2, "cursor": cursor})).json()
        seen += [draft["draft_id"] for draft in page["data"]]
        cursor = page["next_cursor"]
    assert seen == [begun[3], *sorted(begun[:3])]
    assert (await gateway.client.get("/pipeline/drafts", params={"cursor": "x"})).status_code == 422


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "batch_name_missing"),
        ({"batch_name": "x", "chunk_size": 51}, "chunk_size_invalid"),
        ({"batch_name": "x", "priority": "urgent"}, "priority_unknown"),
        ({"batch_name": "x", "recipe": "none"}, "recipe_unknown"),
        ({"batch_name": "x", "recipe": "web", "options": {"outputs": []}}, "recipe_and_options"),
        ({"batch_name": "x", "options": {"outputs": []}}, "recipe_invalid"),
        ({"batch_name": "x", "failure_sample": 3}, "failure_sample_invalid"),
        ({"batch_name": "x", "comment": "y" * 70_000}, "field_too_long"),
    ],
)
async def test_what_is_wrong_with_the_form_is_said_at_the_beginning(
    gateway: Gateway, form: dict[str, Any], code: str
) -> None:
    """As for an upload, before a byte of a photograph is sent."""
    answer = await gateway.client.post("/pipeline/batch?draft", json=form)
    assert code_of(answer) == (422, code)
    assert not await gateway.ports.drafts.all(10)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff"])
async def test_json_that_is_no_form_is_refused(gateway: Gateway, body: bytes) -> None:
    """With what is wrong with it."""
    headers = {"Content-Type": "application/json"}
    answer = await gateway.client.post("/pipeline/batch?draft", content=body, headers=headers)
    assert code_of(answer) == (422, "invalid_request")


async def test_bad_input_appends_nothing(gateway: Gateway) -> None:
    """And leaves nothing in the store."""
    draft_id = await begin(gateway)
    assert code_of(await append(gateway, draft_id, "a.jpg", position="-1")) == (422, "position_invalid")
    assert code_of(await append(gateway, draft_id, "a.jpg", position=1_000_000_001)) == (422, "position_invalid")
    assert code_of(await append(gateway, draft_id, position=0)) == (422, "no_files")
    assert code_of(await append(gateway, draft_id, *["a.jpg"] * 501)) == (413, "append_too_many_files")
    assert code_of(await append(gateway, draft_id, "a.jpg", key="k" * 256)) == (422, "idempotency_key_invalid")
    other = "7a1c2b3d-0000-4000-8000-000000000001"
    assert code_of(await append(gateway, other, "a.jpg")) == (404, "draft_not_found")
    assert code_of(await append(gateway, "x", "a.jpg")) == (422, "batch_id_malformed")
    files: dict[str, Any] = {"batch_name": (None, "x"), "files": ("a.jpg", JPEG)}
    answer = await gateway.client.post("/pipeline/batch?draft", files=files)
    assert code_of(answer) == (422, "draft_takes_no_files")
    assert gateway.stored_keys() == []
    assert code_of(await commit(gateway, draft_id)) == (409, "draft_empty")
