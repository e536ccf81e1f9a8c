"""Uploads over HTTP: the contract's answer, and a clear refusal for each kind of bad input."""

import hashlib
import json

import pytest

from services.gateway.settings import GatewaySettings
from shared.object_keys import STORE_MARKER_KEY
from tests.unit.gateway.conftest import Gateway

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


async def refused(gateway: Gateway, response_json: dict[str, object], code: str) -> dict[str, object]:
    """The error, after checking the envelope and that nothing is left behind."""
    assert response_json["success"] is False
    error = response_json["error"]
    assert isinstance(error, dict)
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == code
    assert await gateway.is_empty()
    return error


async def test_an_upload_is_answered_as_the_contract_says(gateway: Gateway, jpeg: bytes) -> None:
    """In Korean."""
    response = await gateway.upload(*[(f"{number}.jpg", jpeg) for number in range(100)])
    assert response.status_code == 200
    body = response.json()
    [batch] = await gateway.ports.batches.newest(10)
    assert body["success"] is True
    assert body["data"]["context_id"] == body["data"]["batch_id"] == batch.id
    assert body["data"]["message"] == "배치 파이프라인 시작됨: 100개 이미지"
    assert (batch.total_images, batch.chunk_size, batch.total_chunks) == (100, 10, 10)


async def test_who_prefers_english_is_answered_in_english(gateway: Gateway, jpeg: bytes) -> None:
    """Also when it is an error."""
    response = await gateway.upload(("a.jpg", jpeg), headers=ENGLISH)
    assert response.json()["data"]["message"] == "Batch pipeline started: 1 images"
    assert response.headers["content-language"] == "en"
    response = await gateway.upload(headers=ENGLISH)
    assert "Attach at least one file" in response.json()["error"]["message"]


async def test_a_garbage_accept_language_is_ignored(gateway: Gateway, jpeg: bytes) -> None:
    """As if it were not there."""
    response = await gateway.upload(("a.jpg", jpeg), headers={"Accept-Language": ";;=q\x7f,,\t*-*;q=nan"})
    assert (response.status_code, response.headers["content-language"]) == (200, "ko")


async def test_every_field_arrives(gateway: Gateway, jpeg: bytes) -> None:
    """Before the files, as here, or after them."""
    fields: dict[str, str | bytes] = {
        "batch_name": "제주 여행",
        "chunk_size": "7",
        "recipe": "web-webp",
        "priority": "high",
        "stranger": "x",
    }
    assert (await gateway.upload(("a.jpg", jpeg), fields=fields)).status_code == 200
    [batch] = await gateway.ports.batches.newest(1)
    assert (batch.name, batch.chunk_size, batch.recipe.name, batch.priority) == ("제주 여행", 7, "web-webp", "high")


async def test_fields_may_come_after_files(gateway: Gateway, jpeg: bytes) -> None:
    """In any order."""
    parts = [("chunk_size", (None, b"3")), ("files", ("a.jpg", jpeg)), ("batch_name", (None, b"late"))]
    response = await gateway.client.post("/pipeline/batch", files=parts)
    assert response.status_code == 200
    [batch] = await gateway.ports.batches.newest(1)
    assert (batch.name, batch.chunk_size) == ("late", 3)


async def test_small_and_large_files_of_every_format_are_stored_as_they_came(
    gateway: Gateway, jpeg: bytes, png: bytes, webp: bytes
) -> None:
    """With their size and SHA-256 in the manifest."""
    files = [("가.jpg", jpeg), ("b.png", png + bytes(90_000)), ("c", webp), ("dir/d.jpg", jpeg + bytes(20_000))]
    response = await gateway.upload(*files)
    batch_id = response.json()["data"]["batch_id"]
    entries = await gateway.ports.manifests.entries(batch_id, 0, 10)
    assert [entry.name for entry in entries] == [name for name, _ in files]
    for entry, (_, data) in zip(entries, files, strict=True):
        assert await gateway.ports.objects.get(f"originals/{batch_id}/{entry.index}") == data
        assert (entry.size_bytes, entry.sha256) == (len(data), hashlib.sha256(data).hexdigest())


async def test_control_characters_in_a_file_name_are_made_harmless(gateway: Gateway, jpeg: bytes) -> None:
    """It is shown on terminals."""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="batch_name"\r\n\r\nx\r\n'
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="\x1b[2J.jpg"\r\n\r\n' + jpeg + b"\r\n--b--"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = await gateway.client.post("/pipeline/batch", content=body, headers=headers)
    [entry] = await gateway.ports.manifests.entries(response.json()["data"]["batch_id"], 0, 1)
    assert entry.name == "�[2J.jpg"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 422, "batch_name_missing"),
        ({"batch_name": "  "}, 422, "batch_name_missing"),
        ({"batch_name": "x" * 10_240}, 422, "batch_name_too_long"),
        ({"batch_name": "x" * 100_000}, 422, "field_too_long"),
        ({"batch_name": b"\xff"}, 422, "batch_name_unreadable"),
        ({"batch_name": "x", "chunk_size": "0"}, 422, "chunk_size_invalid"),
        ({"batch_name": "x", "chunk_size": "-1"}, 422, "chunk_size_invalid"),
        ({"batch_name": "x", "chunk_size": "x"}, 422, "chunk_size_invalid"),
        ({"batch_name": "x", "chunk_size": "51"}, 422, "chunk_size_invalid"),
        ({"batch_name": "x", "recipe": "sepia"}, 422, "recipe_unknown"),
        ({"batch_name": "x", "priority": "urgent"}, 422, "priority_unknown"),
        ({"batch_name": "x", "files": "not a file"}, 422, "not_a_file"),
    ],
)
async def test_a_bad_field_is_refused(
    gateway: Gateway, jpeg: bytes, fields: dict[str, str | bytes], status: int, code: str
) -> None:
    """And the good file beside it is not kept."""
    response = await gateway.upload(("a.jpg", jpeg), fields=fields)
    assert response.status_code == status
    await refused(gateway, response.json(), code)


async def test_an_upload_without_files_is_refused(gateway: Gateway) -> None:
    """Also when a web form sends its file field with nothing chosen."""
    await refused(gateway, (await gateway.upload()).json(), "no_files")
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n\r\n--b--'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = await gateway.client.post("/pipeline/batch", content=body, headers=headers)
    assert response.status_code == 422
    await refused(gateway, response.json(), "no_files")


@pytest.mark.parametrize("field", ["file", "files[]", "file[]", "files[3]"])
async def test_what_form_libraries_make_of_the_field_is_taken(gateway: Gateway, jpeg: bytes, field: str) -> None:
    """As `files`."""
    parts = [("batch_name", (None, b"x")), (field, ("a.jpg", jpeg))]
    assert (await gateway.client.post("/pipeline/batch", files=parts)).status_code == 200


async def test_a_file_under_another_name_is_not_dropped_silently(gateway: Gateway, jpeg: bytes) -> None:
    """Its sender is told of the right field."""
    response = await gateway.client.post("/pipeline/batch", files=[("photo", ("a.jpg", jpeg))])
    error = await refused(gateway, response.json(), "unexpected_file")
    assert "files" in str(error["message"])


UNFIT = [
    (b"", "empty_file"),
    (b"hello, I am a text file\n", "unsupported_format"),
    (b"%PDF-1.7\n" + bytes(200), "unsupported_format"),
    (b"\x00\x00\x00\x18ftypheic" + bytes(2000), "unsupported_format"),
    (b"\x00\x00\x00\x01Bud1" + bytes(6000), "unsupported_format"),
    (b"text" * 10_000, "unsupported_format"),
    (bytes(50_000), "unreadable"),
    (b"\xff\xd8\xff" + bytes(100_000), "file_too_large"),
]


@pytest.mark.parametrize(("data", "code"), UNFIT)
async def test_an_odd_file_fails_by_name_and_its_siblings_go_on(
    gateway: Gateway, jpeg: bytes, data: bytes, code: str
) -> None:
    """It counts, it is listed as failed from the start with its sentence, and nothing of it is stored."""
    response = await gateway.upload(("good.jpg", jpeg), ("odd.jpg", data), ("good too.jpg", jpeg))
    batch_id = response.json()["data"]["context_id"]
    assert response.json()["data"]["total_images"] == 3
    page = (await gateway.client.get(f"/pipeline/batch/{batch_id}/images")).json()["data"]
    assert [image["outcome"] for image in page["images"]] == ["pending", "failed", "pending"]
    assert page["images"][1]["code"] == code
    assert page["images"][1]["message"]
    assert gateway.stored_keys() == [f"originals/{batch_id}/0", f"originals/{batch_id}/2"]


async def test_the_same_upload_with_an_odd_file_is_the_same_again(gateway: Gateway, jpeg: bytes) -> None:
    """And another one where only a byte of the odd file differs."""

    async def upload(odd: bytes) -> tuple[int, str]:
        key = {"Idempotency-Key": "k"}
        response = await gateway.upload(("a.jpg", jpeg), ("odd.txt", odd), headers=key)
        return response.status_code, str(response.json().get("data", {}).get("context_id"))

    first = await upload(b"notes" * 5000)
    assert await upload(b"notes" * 5000) == first
    assert (await upload(b"notes" * 4999 + b"notez"))[0] == 422


async def test_an_odd_file_of_many_pieces_is_measured_to_its_end(gateway: Gateway, jpeg: bytes) -> None:
    """Though nothing of it is kept: its size and hash tell a repeated request from another."""
    text = b"This is no photograph. " * 20_000
    assert (await gateway.upload(("a.jpg", jpeg), ("b.txt", text))).status_code == 200
    [batch] = await gateway.ports.batches.newest(1)
    [entry] = await gateway.ports.manifests.entries(batch.id, 1, 1)
    assert (entry.size_bytes, entry.sha256) == (len(text), hashlib.sha256(text).hexdigest())
    assert entry.unfit is not None
    assert gateway.stored_keys() == [f"originals/{batch.id}/0"]


async def test_a_file_name_that_is_too_long_is_cut(gateway: Gateway, jpeg: bytes) -> None:
    """It is only a label."""
    response = await gateway.upload(("한" * 5000 + ".jpg", jpeg))
    [entry] = await gateway.ports.manifests.entries(response.json()["data"]["batch_id"], 0, 1)
    assert (len(entry.name), entry.name[-1]) == (1024, "…")


@pytest.mark.parametrize(("data", "code"), UNFIT)
async def test_an_upload_without_any_image_is_refused(gateway: Gateway, data: bytes, code: str) -> None:
    """Its files are named with their codes, and nothing is kept."""
    response = await gateway.upload(("odd.jpg", data), ("odd too.jpg", data))
    assert response.status_code == 422
    error = await refused(gateway, response.json(), "no_images")
    details = error["details"]
    assert isinstance(details, dict)
    assert [(file["index"], file["name"], file["code"]) for file in details["files"]] == [
        (0, "odd.jpg", code),
        (1, "odd too.jpg", code),
    ]


async def test_why_files_are_no_images_is_said_in_the_readers_language(gateway: Gateway) -> None:
    """In the sentence, and of each file."""
    korean = (await gateway.upload(("odd.jpg", b""))).json()["error"]
    assert "첫 파일 “odd.jpg”: 파일이 비어 있습니다. 만들어진 것은" in korean["message"]
    assert korean["details"]["files"][0]["message"] == "파일이 비어 있습니다."
    english = (await gateway.upload(("odd.jpg", b""), headers={"Accept-Language": "en"})).json()["error"]
    assert "The first, “odd.jpg”: The file is empty." in english["message"]
    assert english["details"]["files"][0]["message"] == "The file is empty."


async def test_many_unfit_files_are_named_up_to_twenty_and_counted(gateway: Gateway) -> None:
    """The answer stays short."""
    response = await gateway.upload(*[("n" * 900, b"")] * 500)
    error = await refused(gateway, response.json(), "no_images")
    details = error["details"]
    assert isinstance(details, dict)
    assert (details["unfit_files"], len(details["files"])) == (500, 20)
    assert len(response.content) < 10_000


async def test_fields_that_nothing_reads_are_bounded(gateway: Gateway, jpeg: bytes) -> None:
    """Each in its size, and in their number."""
    response = await gateway.upload(("a.jpg", jpeg), fields={"batch_name": "x", "stranger": "y" * 100_000})
    await refused(gateway, response.json(), "field_too_long")
    many: dict[str, str | bytes] = {f"field{number}": "" for number in range(200)}
    await refused(gateway, (await gateway.upload(("a.jpg", jpeg), fields=many)).json(), "too_many_fields")


async def test_parts_that_are_no_images_are_bounded_in_their_number(gateway: Gateway) -> None:
    """A field that is repeated, and the files that a form leaves empty."""
    for part in (b'name="stranger"\r\n\r\ny', b'name="files"; filename=""\r\n\r\n'):
        body = (b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n") * 101 + b"--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        response = await gateway.client.post("/pipeline/batch", content=body, headers=headers)
        await refused(gateway, response.json(), "too_many_fields")


async def test_too_many_files_are_refused(gateway: Gateway, jpeg: bytes, settings: GatewaySettings) -> None:
    """One more than the setting."""
    response = await gateway.upload(*[("a.jpg", jpeg)] * (settings.max_files + 1))
    assert response.status_code == 413
    await refused(gateway, response.json(), "too_many_files")


async def test_too_large_a_request_is_refused(gateway: Gateway, jpeg: bytes) -> None:
    """Although each of its files is small enough."""
    response = await gateway.upload(*[("a.jpg", jpeg + bytes(90_000))] * 25)
    assert response.status_code == 413
    await refused(gateway, response.json(), "request_too_large")


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", b"{}", 415, "content_type_unsupported"),
        ("", b"", 415, "content_type_unsupported"),
        ("multipart/form-data", b"", 400, "body_malformed"),
        ("multipart/form-data; boundary=b", b"", 400, "body_incomplete"),
        ("multipart/form-data; boundary=b", b"garbage", 400, "body_malformed"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n\xff\xd8\xff' + bytes(30_000),
            400,
            "body_incomplete",
        ),
    ],
)
async def test_a_body_that_is_no_whole_form_is_refused(
    gateway: Gateway, content_type: str, body: bytes, status: int, code: str
) -> None:
    """Cut off in the middle of a streamed file, too."""
    headers = {"Content-Type": content_type}
    response = await gateway.client.post("/pipeline/batch", content=body, headers=headers)
    assert response.status_code == status
    await refused(gateway, json.loads(response.content), code)


async def test_no_upload_is_taken_into_a_store_that_is_not_there(gateway: Gateway, jpeg: bytes) -> None:
    """Without its marker it is the empty folder of a volume that is not mounted, and takes whatever comes."""
    await gateway.ports.objects.remove(STORE_MARKER_KEY)
    response = await gateway.upload(("a.jpg", jpeg))
    assert (response.status_code, response.json()["error"]["code"]) == (503, "storage_unavailable")
    assert await gateway.is_empty()
    await gateway.ports.objects.mark()
    assert (await gateway.upload(("a.jpg", jpeg))).status_code == 200


async def test_a_backlog_that_is_too_old_is_told_before_anything_is_read(gateway: Gateway, jpeg: bytes) -> None:
    """With Retry-After; /readyz says so too, and once the chunker was told of everything, uploads are taken again."""
    await gateway.upload(("a.jpg", jpeg))
    gateway.clock.step(31)
    unread = {"content": b"unread", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}
    response = await gateway.client.post("/pipeline/batch", **unread)  # type: ignore[arg-type]  # httpx names each
    assert (response.status_code, response.json()["error"]["code"]) == (503, "backlog_too_old")
    assert int(response.headers["retry-after"]) > 0
    assert "backlog" in (await gateway.client.get("/readyz")).json()["error"]["details"]
    await gateway.parts.relay.flush()
    assert (await gateway.client.get("/readyz")).status_code == 200
    assert (await gateway.upload(("a.jpg", jpeg))).status_code == 200
