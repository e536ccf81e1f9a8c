"""Originals over HTTP: their own bytes, of the type that these have, whole or in part."""

import hashlib

import httpx
import pytest

from shared.documents import Chunk, Outcome, Print
from shared.object_keys import original_key, print_key
from tests.fakes import START
from tests.unit.gateway.conftest import JPEG, PNG, WEBP, Gateway


async def uploaded(gateway: Gateway, *files: tuple[str, bytes]) -> str:
    """The address of the images of a batch with these files."""
    batch_id = (await gateway.upload(*files)).json()["data"]["batch_id"]
    return f"/pipeline/batch/{batch_id}/images"


async def asked(gateway: Gateway, path: str, **headers: str) -> httpx.Response:
    """The answer to a request with these headers, whose names are written with underscores."""
    return await gateway.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(("data", "media_type"), [(JPEG, "image/jpeg"), (PNG, "image/png"), (WEBP, "image/webp")])
async def test_an_original_is_shown_as_what_its_bytes_are(gateway: Gateway, data: bytes, media_type: str) -> None:
    """Whatever its name says; a browser shows it, under its name, and runs nothing in it."""
    images = await uploaded(gateway, ("제주/사진 1.html", data))
    answer = await gateway.client.get(f"{images}/0/original")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, data, media_type)
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("inline;")
    assert answer.headers["content-disposition"].endswith("%EC%82%AC%EC%A7%84%201.html")
    assert answer.headers["content-length"] == str(len(data))


async def test_an_original_that_is_known_is_not_sent_again(gateway: Gateway) -> None:
    """Its tag is the hash of its bytes."""
    images = await uploaded(gateway, ("a.jpg", JPEG))
    etag = f'"{hashlib.sha256(JPEG).hexdigest()}"'
    assert (await gateway.client.get(f"{images}/0/original")).headers["etag"] == etag
    answer = await asked(gateway, f"{images}/0/original", if_none_match=etag)
    assert (answer.status_code, answer.content) == (304, b"")


async def test_an_original_that_was_not_stored_says_why(gateway: Gateway) -> None:
    """An unfit file is named by its own reason; one that is gone, or damaged, by that."""
    images = await uploaded(gateway, ("a.jpg", JPEG), ("b.pdf", b"%PDF-1.4"), ("c.jpg", JPEG))
    batch_id = images.split("/")[3]
    await gateway.ports.objects.remove(original_key(batch_id, 0))
    await gateway.ports.objects.put(original_key(batch_id, 2), JPEG[:-1])
    for index, code in ((0, "original_missing"), (1, "unsupported_format"), (2, "original_missing")):
        answer = await asked(gateway, f"{images}/{index}/original", accept_language="en")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["details"]["code"]) == (404, "original_missing", code)
        assert error["details"]["message"]
    assert "PDF" in (await asked(gateway, f"{images}/1/original", accept_language="en")).text
    assert (await gateway.client.get(f"{images}/3/original")).json()["error"]["code"] == "image_not_found"


async def test_a_stored_file_that_is_no_image_is_only_taken_home(gateway: Gateway) -> None:
    """An earlier version may have stored it."""
    page = b"<html><script>alert(1)</script>" + bytes(len(JPEG) - 31)
    images = await uploaded(gateway, ("a.jpg", JPEG))
    await gateway.ports.objects.put(original_key(images.split("/")[3], 0), page)
    answer = await gateway.client.get(f"{images}/0/original")
    assert (answer.content, answer.headers["content-type"]) == (page, "application/octet-stream")
    assert answer.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("asked_for", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("BYTES=200-", 200, 204),
        ("bytes=200-9999999", 200, 204),
        ("bytes=-4", 200, 204),
        ("bytes=-9999", 0, 204),
        ("bytes=0-", 0, 204),
    ],
)
async def test_a_part_of_an_original(gateway: Gateway, asked_for: str, first: int, end: int) -> None:
    """As a download that goes on asks for it."""
    images = await uploaded(gateway, ("a.jpg", JPEG))
    answer = await asked(gateway, f"{images}/0/original", range=asked_for)
    assert (answer.status_code, answer.content) == (206, JPEG[first:end])
    assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{len(JPEG)}"
    assert answer.headers["content-length"] == str(end - first)


@pytest.mark.parametrize("asked_for", ["bytes=0-1,3-4", "bytes=5-2", "bytes=-", "lines=1-2", "bytes=a-b", ""])
async def test_what_is_no_single_part_is_answered_with_the_whole(gateway: Gateway, asked_for: str) -> None:
    """As RFC 9110 allows."""
    images = await uploaded(gateway, ("a.jpg", JPEG))
    answer = await asked(gateway, f"{images}/0/original", range=asked_for)
    assert (answer.status_code, answer.content) == (200, JPEG)


@pytest.mark.parametrize("asked_for", ["bytes=204-", "bytes=999-1000", "bytes=-0"])
async def test_a_part_behind_the_end_is_refused(gateway: Gateway, asked_for: str) -> None:
    """With the size, so that the client knows better, and without opening the file."""
    images = await uploaded(gateway, ("a.jpg", JPEG))
    await gateway.ports.objects.remove(original_key(images.split("/")[3], 0))
    answer = await asked(gateway, f"{images}/0/original", range=asked_for)
    assert (answer.status_code, answer.json()["error"]["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(JPEG)}"


async def test_the_rest_of_another_version_is_the_whole(gateway: Gateway) -> None:
    """If-Range names what the client has begun to load."""
    images = await uploaded(gateway, ("a.jpg", JPEG))
    etag = f'"{hashlib.sha256(JPEG).hexdigest()}"'
    for known, status in ((etag, 206), ('"another"', 200), (f"W/{etag}", 200)):
        answer = await asked(gateway, f"{images}/0/original", range="bytes=9-", if_range=known)
        assert answer.status_code == status


async def test_a_print_that_is_called_original_stays_at_its_address(gateway: Gateway) -> None:
    """A recipe may have named it so before originals had an address."""
    images = await uploaded(gateway, ("a.jpg", JPEG))
    batch_id = images.split("/")[3]
    made = Print(output="original", extension="png", media_type="image/png", width=4, height=3, size_bytes=len(PNG))
    chunk = Chunk(batch_id=batch_id, number=0, indexes=(0,), lease_until=START)
    await gateway.ports.chunks.add([chunk.folded({0: Outcome(state="completed", prints=(made,))})])
    await gateway.ports.objects.put(print_key(batch_id, 0, "original", "png"), PNG)
    answer = await gateway.client.get(f"{images}/0/original")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
