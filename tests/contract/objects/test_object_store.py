"""What services rely on in an object store, on every kind that needs no server."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.adapters.object_store import open_object_store
from shared.errors import ObjectMissingError, StorageUnavailableError
from shared.object_keys import STORE_MARKER_KEY
from shared.ports import ObjectStore
from shared.running.settings import ServiceSettings
from tests.chaos.objects_away import ObjectsFolder


@pytest.fixture(params=["memory", "folder"])
def unmarked(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """A store that nobody has marked."""
    return open_object_store("memory://" if request.param == "memory" else f"file://{tmp_path}/objects")


@pytest.fixture
async def objects(unmarked: ObjectStore) -> ObjectStore:
    """A store without objects."""
    await unmarked.mark()
    await unmarked.check()
    return unmarked


@dataclass(frozen=True)
class Mounted:
    """A store in a folder that can be unmounted, with one object in it."""

    objects: ObjectStore
    folder: ObjectsFolder


@pytest.fixture
async def mounted(tmp_path: Path) -> Mounted:
    """As a gateway leaves it, which has marked it."""
    folder = ObjectsFolder(tmp_path)
    objects = open_object_store(str(folder.path))
    await objects.mark()
    await objects.check()
    await objects.put("originals/b/0", b"stored")
    return Mounted(objects, folder)


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


async def test_a_store_is_there_from_when_it_is_marked(unmarked: ObjectStore) -> None:
    """Until then nothing that is not found in it is believed to be missing; marking it again changes nothing."""
    await unmarked.put("originals/b/0", b"x")
    for _ in range(2):
        with pytest.raises(StorageUnavailableError, match=STORE_MARKER_KEY):
            await unmarked.check()
    with pytest.raises(StorageUnavailableError):
        await unmarked.get("originals/b/1")
    with pytest.raises(StorageUnavailableError):
        await unmarked.stream("originals/b/1")
    with pytest.raises(StorageUnavailableError):
        await unmarked.remove_under("originals/none/")
    await asyncio.gather(*(unmarked.mark() for _ in range(3)))
    await unmarked.mark()
    await unmarked.check()
    with pytest.raises(ObjectMissingError):
        await unmarked.get("originals/b/1")
    await unmarked.remove_under("originals/b/")
    await unmarked.remove_under("originals/b/")
    await unmarked.check()


async def test_a_store_without_a_mark_serves_as_ever(unmarked: ObjectStore) -> None:
    """It may be one that only gateways of an older version know."""
    await unmarked.put("originals/b/0", b"x")
    assert await unmarked.get("originals/b/0") == await whole(unmarked, "originals/b/0") == b"x"
    await unmarked.remove_under("originals/b/")
    await unmarked.remove("originals/b/0")


@pytest.mark.parametrize("away", [ObjectsFolder.take_away, ObjectsFolder.empty])
async def test_a_folder_that_is_away_is_trouble_that_may_pass(
    mounted: Mounted, away: Callable[[ObjectsFolder], None]
) -> None:
    """A file is in its place, or an empty folder: nothing is missing, and nothing counts as stored or removed."""
    away(mounted.folder)
    for call in (
        mounted.objects.check(),
        mounted.objects.get("originals/b/0"),
        mounted.objects.stream("originals/b/0"),
        mounted.objects.put("originals/b/1", b"lost"),
        mounted.objects.put("originals/b/2", stream_of(b"lost")),
        mounted.objects.remove_under("results/b/"),
    ):
        with pytest.raises(StorageUnavailableError):
            await call
    mounted.folder.bring_back()
    await mounted.objects.check()
    assert await mounted.objects.get("originals/b/0") == b"stored"
    with pytest.raises(ObjectMissingError):
        await mounted.objects.get("originals/b/1")
    await mounted.objects.put("originals/b/1", b"stored as well")


async def test_a_folder_that_comes_back_in_the_middle_of_a_call_leaves_no_doubt(
    mounted: Mounted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked for in the empty folder is looked for again, and what was put there does not count as stored."""
    check = mounted.objects.check

    async def comes_back() -> None:
        mounted.folder.bring_back()
        await check()

    monkeypatch.setattr(mounted.objects, "check", comes_back)
    mounted.folder.empty()
    assert await mounted.objects.get("originals/b/0") == b"stored"
    mounted.folder.empty()
    with pytest.raises(StorageUnavailableError):
        await mounted.objects.put("originals/b/1", b"lost")


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


async def test_more_objects_than_one_page_are_listed_and_removed(objects: ObjectStore) -> None:
    """Beyond the thousand of one call."""
    await asyncio.gather(*(objects.put(f"originals/b/{index}", b"x") for index in range(1100)))
    listed = [found.key async for found in objects.listed("originals/b/")]
    assert sorted(listed) == sorted(f"originals/b/{index}" for index in range(1100))
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
    await objects.mark()
    with pytest.raises(RuntimeError):
        await objects.put("originals/b/0", stream_of(bytes(12_000_000), error=RuntimeError()))
    await objects.put("originals/b/1", b"x")
    await objects.remove_under("originals/b/")
    assert list((tmp_path / "d").rglob("*")) == [tmp_path / "d" / STORE_MARKER_KEY]


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
    for call in (objects.get("originals/b/0"), objects.check(), objects.mark()):
        with pytest.raises(StorageUnavailableError):
            await call


@dataclass(frozen=True)
class Linked:
    """A store in a folder, and a folder outside of it with a file that is nobody's object."""

    objects: ObjectStore
    root: Path
    outside: Path

    def has_outside(self) -> bool:
        """Whether everything outside is as it was."""
        return (self.outside / "0").read_bytes() == b"outside" and len(list(self.outside.iterdir())) == 1


@pytest.fixture
async def linked(tmp_path: Path) -> Linked:
    """As somebody else leaves it who may write into the folder."""
    root, outside = tmp_path / "objects", tmp_path / "outside"
    outside.mkdir()
    (outside / "0").write_bytes(b"outside")
    objects = open_object_store(str(root))
    await objects.mark()
    await objects.check()
    await objects.put("originals/whole/0", b"whole")
    (root / "originals/by-folder").symlink_to(outside, target_is_directory=True)
    (root / "originals/by-file").mkdir()
    (root / "originals/by-file/0").symlink_to(outside / "0")
    (root / "originals/deep").mkdir()
    (root / "originals/deep/1").symlink_to(outside, target_is_directory=True)
    return Linked(objects, root, outside)


LINKED_KEYS = ["originals/by-folder/0", "originals/by-file/0", "originals/deep/1/0"]


@pytest.mark.parametrize("key", LINKED_KEYS)
async def test_a_link_in_a_folder_is_not_read(linked: Linked, key: str) -> None:
    """What it points to is no object of the store, wherever on the way it lies."""
    with pytest.raises(ObjectMissingError):
        await linked.objects.get(key)
    with pytest.raises(ObjectMissingError):
        await linked.objects.stream(key)
    assert await linked.objects.get("originals/whole/0") == b"whole"


@pytest.mark.parametrize("key", LINKED_KEYS)
async def test_nothing_is_written_or_removed_through_a_link(linked: Linked, key: str) -> None:
    """A link that has an object's own name is replaced by the object, or removed in its place."""
    if key == "originals/by-file/0":
        await linked.objects.put(key, b"new")
        assert await linked.objects.get(key) == b"new"
    else:
        with pytest.raises(StorageUnavailableError, match="link"):
            await linked.objects.put(key, b"new")
    await linked.objects.remove(key)
    assert linked.has_outside()


@pytest.mark.parametrize("batch", ["by-folder", "by-file", "deep"])
async def test_a_prefix_with_a_link_is_removed_and_what_it_points_to_stays(linked: Linked, batch: str) -> None:
    """The link itself goes, and so does a folder that has become empty."""
    await linked.objects.remove_under(f"originals/{batch}/")
    assert not (linked.root / "originals" / batch).is_symlink()
    assert not (linked.root / "originals" / batch).exists()
    assert linked.has_outside()


async def test_links_are_not_listed(linked: Linked) -> None:
    """Nor is what they point to, which may be the whole disk."""
    assert [found.key async for found in linked.objects.listed("originals/")] == ["originals/whole/0"]
    assert [found.key async for found in linked.objects.listed("originals/by-folder/")] == []


async def test_what_lies_behind_a_link_is_not_removed_by_its_prefix(linked: Linked) -> None:
    """A prefix whose way leads through a link names nothing of the store."""
    (linked.outside / "deeper").mkdir()
    (linked.outside / "deeper" / "0").write_bytes(b"outside")
    await linked.objects.remove_under("originals/by-folder/deeper/")
    assert (linked.outside / "deeper" / "0").exists()
    assert (linked.root / "originals" / "by-folder").is_symlink()


async def test_the_folder_itself_may_be_named_by_a_link(tmp_path: Path) -> None:
    """As operators do who move it to a larger disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "objects").symlink_to(tmp_path / "disk", target_is_directory=True)
    objects = open_object_store(str(tmp_path / "objects"))
    await objects.put("originals/b/0", b"x")
    assert await objects.get("originals/b/0") == b"x"
    assert (tmp_path / "disk/originals/b/0").read_bytes() == b"x"


@pytest.mark.parametrize(("umask", "file", "folder"), [(None, 0o640, 0o750), ("077", 0o600, 0o700)])
@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
async def test_objects_are_not_for_everyone_on_the_machine(
    tmp_path: Path,
    umask: str | None,
    file: int,
    folder: int,
    is_stream: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Photographs are private: by default the owner and its group read them."""
    before = os.umask(0)
    try:
        (ServiceSettings(umask=umask) if umask else ServiceSettings()).restrict_files()
        objects = open_object_store(str(tmp_path / "objects"))
        await objects.put("originals/b/0", stream_of(b"x" * 6_000_000) if is_stream else b"x")
    finally:
        os.umask(before)
    for path, mode in (("originals/b/0", file), ("originals/b", folder), ("originals", folder), ("", folder)):
        assert stat.S_IMODE((tmp_path / "objects" / path).stat().st_mode) == mode
