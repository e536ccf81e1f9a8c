"""What services rely on in an object store, on every kind that needs no server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.adapters.object_store import open_object_store
from shared.errors import ObjectMissingError, StorageUnavailableError
from shared.ports import ObjectStore


@pytest.fixture(params=["memory", "folder"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store."""
    return open_object_store("memory://" if request.param == "memory" else f"file://{tmp_path}/objects")


async def stream_of(*pieces: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    """The pieces, and then the error if there is one."""
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece
    if error:
        raise error


async def whole(objects: ObjectStore, key: str) -> bytes:
    """An object that is read as a stream."""
    return b"".join([piece async for piece in await objects.stream(key)])


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 40_000])
async def test_what_was_put_is_got(objects: ObjectStore, data: bytes) -> None:
    """Whole or piece by piece, of any size."""
    await objects.put("originals/b/0", data)
    assert await objects.get("originals/b/0") == data
    assert await whole(objects, "originals/b/0") == data


@pytest.mark.parametrize("pieces", [(), (b"",), (b"a", b"b"), (bytes(3_000_000),) * 4])
async def test_a_stream_is_put_whole(objects: ObjectStore, pieces: tuple[bytes, ...]) -> None:
    """Of any length, in any pieces."""
    await objects.put("originals/b/0", stream_of(*pieces))
    assert await objects.get("originals/b/0") == b"".join(pieces)


async def test_a_second_put_replaces_the_first(objects: ObjectStore) -> None:
    """Also a longer one."""
    await objects.put("results/b/0/web.jpg", b"a long first one")
    await objects.put("results/b/0/web.jpg", b"second")
    assert await objects.get("results/b/0/web.jpg") == b"second"


@pytest.mark.parametrize("size", [10, 12_000_000])
async def test_a_stream_that_fails_leaves_what_was_there(objects: ObjectStore, size: int) -> None:
    """Its own error comes through."""
    await objects.put("a/b", b"before")
    with pytest.raises(RuntimeError, match="cut off"):
        await objects.put("a/b", stream_of(bytes(size), error=RuntimeError("cut off")))
    with pytest.raises(RuntimeError, match="cut off"):
        await objects.put("a/new", stream_of(bytes(size), error=RuntimeError("cut off")))
    assert await objects.get("a/b") == b"before"
    with pytest.raises(ObjectMissingError):
        await objects.get("a/new")


async def test_a_missing_object_is_said_to_be_missing(objects: ObjectStore) -> None:
    """A stream says so before its first piece."""
    with pytest.raises(ObjectMissingError):
        await objects.get("originals/b/0")
    with pytest.raises(ObjectMissingError):
        await objects.stream("originals/b/0")


async def test_everything_under_a_prefix_is_removed_and_nothing_else(objects: ObjectStore) -> None:
    """A prefix is a folder, not the beginning of a name; removing it again changes nothing."""
    for key in ("originals/b/0", "originals/b/1", "originals/b2/0", "results/b/0/web.jpg"):
        await objects.put(key, b"x")
    await objects.remove_under("originals/b/")
    await objects.remove_under("originals/b/")
    await objects.remove_under("originals/none/")
    for key in ("originals/b/0", "originals/b/1"):
        with pytest.raises(ObjectMissingError):
            await objects.get(key)
    assert await objects.get("originals/b2/0") == await objects.get("results/b/0/web.jpg") == b"x"


async def test_more_objects_than_one_page_are_removed(objects: ObjectStore) -> None:
    """Beyond the thousand of one call."""
    await asyncio.gather(*(objects.put(f"originals/b/{index}", b"x") for index in range(1100)))
    await objects.remove_under("originals/b/")
    for index in (0, 999, 1000, 1099):
        with pytest.raises(ObjectMissingError):
            await objects.get(f"originals/b/{index}")


async def test_two_who_remove_the_same_do_not_trip_over_each_other(objects: ObjectStore) -> None:
    """What is gone is gone."""
    await asyncio.gather(*(objects.put(f"originals/b/{index}", b"x") for index in range(50)))
    await asyncio.gather(*(objects.remove_under("originals/b/") for _ in range(3)))
    with pytest.raises(ObjectMissingError):
        await objects.get("originals/b/49")


async def test_a_folder_is_made_and_holds_plain_files(tmp_path: Path) -> None:
    """Under their keys, and an upload that fails leaves no part of itself and no folder."""
    for url in (f"file://{tmp_path}/a b", f"{tmp_path}/c"):
        await open_object_store(url.replace(" ", "%20")).put("originals/b/0", b"x")
    assert (tmp_path / "a b/originals/b/0").read_bytes() == (tmp_path / "c/originals/b/0").read_bytes() == b"x"
    objects = open_object_store(str(tmp_path / "d"))
    with pytest.raises(RuntimeError):
        await objects.put("originals/b/0", stream_of(bytes(12_000_000), error=RuntimeError()))
    await objects.put("originals/b/1", b"x")
    await objects.remove_under("originals/b/")
    assert list((tmp_path / "d").rglob("*")) == []


async def test_trouble_with_a_folder_may_pass(tmp_path: Path) -> None:
    """It is for the operator to mend, and then the same call works."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageUnavailableError):
        open_object_store(str(tmp_path / "file"))
    objects = open_object_store(str(tmp_path / "objects"))
    (tmp_path / "objects/originals").write_bytes(b"in the way")
    with pytest.raises(StorageUnavailableError):
        await objects.put("originals/b/0", b"x")


@pytest.mark.parametrize("url", ["http://host/objects", "ftp://host", "rabbit://x"])
def test_other_kinds_of_stores_are_not_taken(url: str) -> None:
    """With a sentence that says which are."""
    with pytest.raises(ValueError, match="s3://"):
        open_object_store(url)


async def test_an_s3_server_that_is_away_is_trouble_that_may_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address and credentials come from the usual variables."""
    monkeypatch.setattr("shared.adapters.object_store.S3_RETRIES", 0)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    objects = open_object_store("s3://bucket/prefix")
    # Sent without TLS, as AWS_ALLOW_HTTP says; without it nothing would be sent at all.
    with pytest.raises(StorageUnavailableError, match=r"http://127.0.0.1:9/bucket/prefix/originals/b/0.*request"):
        await objects.put("originals/b/0", b"x")
    with pytest.raises(StorageUnavailableError):
        await objects.get("originals/b/0")
