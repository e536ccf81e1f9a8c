"""Looking at batches, images and prints over HTTP."""

import asyncio
import hashlib
from typing import Any

import pytest

from shared.documents import Chunk, Original, Outcome, Print, Readings
from shared.errors import DocumentsUnavailableError
from shared.object_keys import print_key
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import JPEG, Gateway

ORIGINAL = Original(width=40, height=30, format="jpeg", readings=Readings(exif={"Make": "ACME"}, dhash64="0" * 16))
UNKNOWN = "00000000-0000-4000-8000-000000000000"


async def developed(gateway: Gateway, label: str = "제주 1.jpg") -> str:
    """A batch of three images: one with a print, one failed, one pending."""
    response = await gateway.upload((label, JPEG), ("b.jpg", JPEG), ("c.jpg", JPEG))
    batch_id: str = response.json()["data"]["batch_id"]
    sha256 = hashlib.sha256(JPEG).hexdigest()
    size = len(JPEG)
    made = Print(
        output="web", extension="jpg", media_type="image/jpeg", width=4, height=3, size_bytes=size, sha256=sha256
    )
    failed = Outcome(state="failed", code="unreadable", message="This is not an image.")
    chunk = Chunk(batch_id=batch_id, number=0, indexes=(0, 1, 2), lease_until=START)
    completed = Outcome(state="completed", prints=(made,), original=ORIGINAL, timings_ms={"decode": 4})
    await gateway.ports.chunks.add([chunk.folded({0: completed, 1: failed})])
    await gateway.ports.objects.put(print_key(batch_id, 0, "web", "jpg"), JPEG)
    return batch_id


async def error_of(gateway: Gateway, path: str) -> tuple[int, str]:
    """Status and code of the refusal, after checking the envelope."""
    response = await gateway.client.get(path)
    body: dict[str, Any] = response.json()
    assert body["success"] is False
    assert body["error"]["message"]
    return response.status_code, body["error"]["code"]


async def test_a_batch_is_shown(gateway: Gateway, jpeg: bytes) -> None:
    """Fresh from its upload."""
    batch_id = (await gateway.upload(("a.jpg", jpeg))).json()["data"]["batch_id"]
    body = (await gateway.client.get(f"/pipeline/batch/{batch_id}")).json()
    assert body["success"] is True
    assert body["data"]["batch_id"] == batch_id
    assert body["data"]["status"] == "PENDING"
    assert body["data"]["links"]["events"] == f"/pipeline/batch/{batch_id}/events"


async def test_the_newest_batches_are_listed_first(gateway: Gateway) -> None:
    """Ten of them unless asked otherwise."""
    for number in range(12):
        gateway.clock.step(1)
        await gateway.ports.batches.add(new_batch(str(number), now=gateway.clock()))
    listed = (await gateway.client.get("/pipeline/batch")).json()["data"]
    assert [batch["batch_id"] for batch in listed] == [str(number) for number in range(11, 1, -1)]
    assert len((await gateway.client.get("/pipeline/batch?limit=3")).json()["data"]) == 3


async def test_the_list_is_read_on_by_its_cursor(gateway: Gateway) -> None:
    """To the oldest, each batch once, also when the batch that the cursor names is gone."""
    for number in range(7):
        gateway.clock.step(number % 2)  # some at the same moment
        await gateway.ports.batches.add(new_batch(f"b{number}", now=gateway.clock()))
    whole = [batch["batch_id"] for batch in (await gateway.client.get("/pipeline/batch")).json()["data"]]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await gateway.client.get("/pipeline/batch", params={"limit": 3, "cursor": cursor})).json()
        seen += [batch["batch_id"] for batch in page["data"]]
        cursor = page["next_cursor"]
        if len(seen) == 3:
            await gateway.ports.batches.remove(seen[-1])
    assert seen == whole
    assert (await gateway.client.get("/pipeline/batch?limit=7")).json()["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["x", "1", "-1-b", "1-", "99999999999999999999-b", "1-b c"])
async def test_a_bad_cursor_of_the_list_is_refused(gateway: Gateway, cursor: str) -> None:
    """In the envelope."""
    response = await gateway.client.get("/pipeline/batch", params={"cursor": cursor})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1001", ""])
async def test_a_bad_limit_is_refused(gateway: Gateway, limit: str) -> None:
    """In the envelope, naming the field."""
    response = await gateway.client.get(f"/pipeline/batch?limit={limit}")
    assert response.status_code == 422
    error = response.json()["error"]
    assert error["code"] == "invalid_request"
    assert error["details"][0]["field"] == "query.limit"


@pytest.mark.parametrize("path", ["", "/images", "/images/0/web", "/events"])
async def test_an_unknown_batch_is_not_found(gateway: Gateway, path: str) -> None:
    """Wherever it is asked for."""
    assert await error_of(gateway, f"/pipeline/batch/{UNKNOWN}{path}") == (404, "batch_not_found")


@pytest.mark.parametrize("batch_id", ["x", "123", UNKNOWN[:-1], "%00", "a" * 3000])
async def test_a_malformed_id_is_refused(gateway: Gateway, batch_id: str) -> None:
    """It can be no batch's."""
    assert await error_of(gateway, f"/pipeline/batch/{batch_id}") == (422, "batch_id_malformed")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/nowhere", 404, "not_found"), ("/pipeline", 404, "not_found"), ("/%2e%2e/", 404, "not_found")],
)
async def test_an_unknown_address_is_answered_in_the_envelope(
    gateway: Gateway, path: str, status: int, code: str
) -> None:
    """Like everything else."""
    assert await error_of(gateway, path) == (status, code)


async def test_a_method_that_is_not_taken_is_answered_in_the_envelope(gateway: Gateway) -> None:
    """With those that are."""
    response = await gateway.client.put("/pipeline/batch")
    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"]


async def test_trouble_that_passes_is_a_503_and_the_unexpected_a_500(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both in the envelope, neither telling of the inside."""

    async def fail(error: Exception) -> None:
        raise error

    monkeypatch.setattr(gateway.ports.batches, "newest", lambda *_place: fail(DocumentsUnavailableError("mongo:27017")))
    response = await gateway.client.get("/pipeline/batch")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "documents_unavailable")
    assert response.headers["retry-after"] == "5"
    assert "mongo" not in response.text
    monkeypatch.setattr(gateway.ports.batches, "newest", lambda *_place: fail(RuntimeError("secret")))
    response = await gateway.client.get("/pipeline/batch")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal_error")
    assert "secret" not in response.text


async def test_the_prints_of_a_retry_are_found_under_their_own_key(gateway: Gateway) -> None:
    """At the same address, and never taken for those of another generation."""
    batch_id = await developed(gateway)
    made = Print(output="web", extension="jpg", media_type="image/jpeg", width=4, height=3, size_bytes=3, generation=1)
    chunk = Chunk(batch_id=batch_id, number=1, generation=1, indexes=(1, 2), lease_until=START)
    await gateway.ports.chunks.add([chunk.folded({1: Outcome(state="completed", prints=(made,))})])
    await gateway.ports.batches.change(batch_id, lambda batch: batch.changed(START, generation=1))
    await gateway.ports.objects.put(print_key(batch_id, 1, "web", "jpg", 1), b"new")
    etags = set()
    for index, content in ((0, JPEG), (1, b"new")):
        response = await gateway.client.get(f"/pipeline/batch/{batch_id}/images/{index}/web")
        assert (response.status_code, response.content) == (200, content)
        etags.add(response.headers["etag"])
    assert len(etags) == 2
    listed = (await gateway.client.get(f"/pipeline/batch/{batch_id}/images")).json()["data"]["images"]
    assert [image["outcome"] for image in listed] == ["completed", "completed", "pending"]
    assert listed[1]["prints"][0]["url"] == f"/pipeline/batch/{batch_id}/images/1/web"
    assert "generation" not in listed[1]["prints"][0]


async def test_a_revoked_image_has_no_print_and_says_so(gateway: Gateway) -> None:
    """In the listing, under its filter, and where its print would be."""
    batch_id = await developed(gateway)
    await gateway.ports.batches.change(batch_id, lambda batch: batch.changed(START, status="REVOKED"))
    data = (await gateway.client.get(f"/pipeline/batch/{batch_id}/images?outcome=revoked")).json()["data"]
    assert [(image["index"], image["outcome"], image["code"]) for image in data["images"]] == [(2, "revoked", None)]
    assert await error_of(gateway, f"/pipeline/batch/{batch_id}/images/2/web") == (404, "image_revoked")


async def test_images_are_listed_with_outcomes_and_prints(gateway: Gateway) -> None:
    """In the order of the upload."""
    batch_id = await developed(gateway)
    data = (await gateway.client.get(f"/pipeline/batch/{batch_id}/images?cursor=&limit=2")).json()["data"]
    assert data["next_cursor"] == "2"
    assert data["images"] == [
        {
            "index": 0,
            "name": "제주 1.jpg",
            "size_bytes": len(JPEG),
            "sha256": hashlib.sha256(JPEG).hexdigest(),
            "outcome": "completed",
            "prints": [
                {
                    "output": "web",
                    "url": f"/pipeline/batch/{batch_id}/images/0/web",
                    "media_type": "image/jpeg",
                    "width": 4,
                    "height": 3,
                    "size_bytes": len(JPEG),
                    "sha256": hashlib.sha256(JPEG).hexdigest(),
                }
            ],
            "notes": {},
            "original": ORIGINAL.model_dump(mode="json"),
            "timings_ms": {"decode": 4},
            "code": None,
            "message": None,
        },
        {
            "index": 1,
            "name": "b.jpg",
            "size_bytes": len(JPEG),
            "sha256": hashlib.sha256(JPEG).hexdigest(),
            "outcome": "failed",
            "prints": [],
            "notes": {},
            "original": None,
            "timings_ms": {},
            "code": "unreadable",
            "message": "이미지가 손상되었거나 이미지가 아닙니다. 원본을 확인하고 다시 올려 주세요.",
        },
    ]
    data = (await gateway.client.get(f"/pipeline/batch/{batch_id}/images?cursor=2&outcome=pending")).json()["data"]
    assert ([image["index"] for image in data["images"]], data["next_cursor"]) == ([2], None)


@pytest.mark.parametrize("query", ["cursor=x", "cursor=-1", "cursor=9999999999", "limit=0", "outcome=lost"])
async def test_a_bad_page_is_refused(gateway: Gateway, query: str) -> None:
    """Before anything is read."""
    batch_id = await developed(gateway)
    assert await error_of(gateway, f"/pipeline/batch/{batch_id}/images?{query}") == (422, "invalid_request")


async def test_a_print_is_given_with_headers_that_keep_browsers_in_check(gateway: Gateway) -> None:
    """It is an image and nothing else, under a name made from its label."""
    batch_id = await developed(gateway, label="../제주; 1.jpg")
    path = f"/pipeline/batch/{batch_id}/images/0/web"
    response = await gateway.client.get(path)
    assert (response.status_code, response.content) == (200, JPEG)
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["content-length"] == str(len(JPEG))
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert response.headers["content-disposition"] == (
        "inline; filename=\"___ 1-web.jpg\"; filename*=UTF-8''%EC%A0%9C%EC%A3%BC%3B%201-web.jpg"
    )
    again = await gateway.client.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await gateway.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(JPEG))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("0/thumbnail", 404, "output_not_found"),
        ("1/web", 404, "image_failed"),
        ("2/web", 404, "image_pending"),
        ("3/web", 404, "image_not_found"),
        ("99999999999999999999/web", 404, "image_not_found"),
        ("-1/web", 422, "invalid_request"),
        ("x/web", 422, "invalid_request"),
        (f"0/{'w' * 65}", 422, "invalid_request"),
    ],
)
async def test_a_print_that_is_not_there_is_explained(gateway: Gateway, path: str, status: int, code: str) -> None:
    """Each reason has its own code."""
    batch_id = await developed(gateway)
    assert await error_of(gateway, f"/pipeline/batch/{batch_id}/images/{path}") == (status, code)


async def test_a_print_that_the_store_has_lost_is_said_to_be_gone(gateway: Gateway) -> None:
    """Not an empty image."""
    batch_id = await developed(gateway)
    await gateway.ports.objects.remove_under(f"results/{batch_id}/")
    assert await error_of(gateway, f"/pipeline/batch/{batch_id}/images/0/web") == (404, "print_missing")


async def test_health_is_told(gateway: Gateway) -> None:
    """Alive in any case, ready when nothing is wrong and the service is not stopping."""
    assert (await gateway.client.get("/healthz")).json()["data"] == {"status": "alive"}
    assert (await gateway.client.get("/readyz")).json()["data"] == {"status": "ready"}
    gateway.parts.readiness.report("relay", "the broker is away")
    gateway.parts.stopping.set()
    response = await gateway.client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["error"]["details"] == {"relay": "the broker is away", "service": "stopping"}
    assert (await gateway.client.get("/healthz")).status_code == 200


async def test_every_answer_has_security_headers(gateway: Gateway) -> None:
    """But the documentation's page, which brings scripts, has no policy against them."""
    for path in ("/healthz", "/nowhere", "/docs"):
        headers = (await gateway.client.get(path)).headers
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
        assert ("content-security-policy" in headers) is (path != "/docs")


async def test_the_documentation_is_complete(gateway: Gateway) -> None:
    """Every route has a summary, its errors, and examples in both languages."""
    api = (await gateway.client.get("/openapi.json")).json()
    assert set(api["paths"]) == {
        "/pipeline/batch",
        "/pipeline/batch/{batch_id}",
        "/pipeline/batch/{batch_id}/chunks",
        "/pipeline/batch/{batch_id}/images/{index}",
        "/pipeline/batch/{batch_id}/images/{index}/original",
        "/pipeline/batch/{batch_id}/cancel",
        "/pipeline/batch/{batch_id}/pause",
        "/pipeline/batch/{batch_id}/resume",
        "/pipeline/batch/{batch_id}/priority",
        "/pipeline/batch/{batch_id}/retry",
        "/pipeline/batch/{batch_id}/events",
        "/pipeline/batch/{batch_id}/images",
        "/pipeline/batch/{batch_id}/images/{index}/{output}",
        "/pipeline/batch/{batch_id}/tiles",
        "/pipeline/batch/{batch_id}/failures",
        "/pipeline/batch/{batch_id}/near-duplicates",
        "/pipeline/batch/{batch_id}/archive",
        "/pipeline/batch/{batch_id}/contact-sheet",
        "/pipeline/recipes",
        "/pipeline/recipes/schema",
        "/pipeline/recipes/{name}",
        "/pipeline/proofs",
        "/pipeline/proofs/{proof_id}",
        "/pipeline/stats",
        "/pipeline/system/workers",
        "/pipeline/system",
        "/pipeline/events",
        "/pipeline/dead",
        "/pipeline/dead/{queue}",
        "/pipeline/dead/{queue}/replay",
        "/pipeline/dead/{queue}/drop",
        "/pipeline/drafts",
        "/pipeline/batch/{batch_id}/draft",
        "/pipeline/batch/{batch_id}/missing",
        "/pipeline/batch/{batch_id}/commit",
        "/healthz",
        "/readyz",
    }
    for operations in api["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["description"]
    for path, media_type in (("archive", "application/zip"), ("contact-sheet", "text/html")):
        responses = api["paths"][f"/pipeline/batch/{{batch_id}}/{path}"]["get"]["responses"]
        assert list(responses["200"]["content"]) == [media_type]
        assert {"404", "422", "503"} <= set(responses)
    upload = api["paths"]["/pipeline/batch"]["post"]
    assert {"200", "400", "413", "415", "422", "503"} <= set(upload["responses"])
    assert "no_files (한국어)" in upload["responses"]["422"]["content"]["application/json"]["examples"]
    assert (
        "text/event-stream" in api["paths"]["/pipeline/batch/{batch_id}/events"]["get"]["responses"]["200"]["content"]
    )


async def test_a_listed_batch_is_the_same_as_a_single_one(gateway: Gateway) -> None:
    """Field by field."""
    batch_id = await developed(gateway)
    [listed] = (await gateway.client.get("/pipeline/batch")).json()["data"]
    assert listed == (await gateway.client.get(f"/pipeline/batch/{batch_id}")).json()["data"]


async def test_others_are_served_while_a_long_list_is_made(gateway: Gateway) -> None:
    """Between any two batches of it."""
    for number in range(1000):
        await gateway.ports.batches.add(new_batch(f"b{number}"))
    listing = asyncio.create_task(gateway.client.get("/pipeline/batch?limit=1000"))
    turns = 0
    while not listing.done():
        turns += 1
        await asyncio.sleep(0)
    assert len((await listing).json()["data"]) == 1000
    assert turns > 1000
