import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path, PurePath

import pytest

from darkroom.local_objects import LocalPhotographs
from darkroom.photographs import Photograph
from shared.errors import ObjectMissingError, ObjectRejectedError, StorageUnavailableError
from shared.object_keys import original_key, print_key


@pytest.fixture
def objects(tmp_path: Path) -> LocalPhotographs:
    """Three photographs: one that is there, one that is gone, and one that is a folder."""
    (tmp_path / "a.jpg").write_bytes(b"a")
    (tmp_path / "folder.jpg").mkdir()
    photographs = [
        Photograph(tmp_path / "a.jpg", PurePath("trip/a")),
        Photograph(tmp_path / "gone.jpg", PurePath("gone")),
        Photograph(tmp_path / "folder.jpg", PurePath("folder")),
    ]
    return LocalPhotographs(photographs, tmp_path / "prints", max_bytes=10_000)


async def test_an_original_is_read_where_it_lies(objects: LocalPhotographs) -> None:
    """Whole or as a stream."""
    assert await objects.get(original_key("b", 0)) == b"a"
    assert b"".join([piece async for piece in await objects.stream(original_key("b", 0))]) == b"a"


async def test_a_photograph_that_is_gone_is_missing(objects: LocalPhotographs) -> None:
    """No retry brings it back."""
    with pytest.raises(ObjectMissingError):
        await objects.get(original_key("b", 1))
    with pytest.raises(ObjectMissingError):
        await objects.stream(original_key("b", 1))


async def test_a_photograph_that_may_not_be_read_is_rejected_at_once(
    objects: LocalPhotographs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retrying for most of a minute would not change its permissions; the reason is told."""
    with pytest.raises(ObjectRejectedError, match="Is a directory"):
        await objects.get(original_key("b", 2))

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ObjectRejectedError, match="Permission denied") as rejected:
        await objects.get(original_key("b", 0))
    assert rejected.value.code == "unreadable"


async def test_a_photograph_that_is_too_large_is_not_read(
    objects: LocalPhotographs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size is looked at first: a film under a photograph's name would fill the memory."""
    (tmp_path / "a.jpg").write_bytes(bytes(10_000))
    assert await objects.get(original_key("b", 0)) == bytes(10_000)
    (tmp_path / "a.jpg").write_bytes(bytes(10_001))
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read"))
    with pytest.raises(ObjectRejectedError, match="more than 10,000 bytes") as rejected:
        await objects.get(original_key("b", 0))
    assert rejected.value.code == "file_too_large"


async def test_other_trouble_may_pass(objects: LocalPhotographs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network folder comes back."""

    def fail(_path: Path) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(StorageUnavailableError, match="Input/output error"):
        await objects.get(original_key("b", 0))


async def test_a_print_is_written_over_an_older_one(objects: LocalPhotographs, tmp_path: Path) -> None:
    """In one folder per output; nothing half-written is left beside it."""
    await objects.put(print_key("b", 0, "web", "jpg"), b"old")
    await objects.put(print_key("b", 0, "web", "jpg"), b"new")
    written = tmp_path / "prints" / "web" / "trip" / "a.jpg"
    assert written == objects.print_path(0, "web", "jpg")
    assert written.read_bytes() == b"new"
    assert list(written.parent.iterdir()) == [written]


async def test_a_stream_is_written_too(objects: LocalPhotographs) -> None:
    """As the port has it."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    await objects.put(print_key("b", 0, "web", "jpg"), pieces())
    assert objects.print_path(0, "web", "jpg").read_bytes() == b"onetwo"


async def test_a_print_that_cannot_be_written_now_is_trouble_with_the_storage(
    objects: LocalPhotographs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may be full now and not later; nothing half-written is left meanwhile."""

    def write_half(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data[:1])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(StorageUnavailableError, match="cannot be written: No space"):
        await objects.put(print_key("b", 0, "web", "jpg"), b"print")
    assert list((tmp_path / "prints" / "web" / "trip").iterdir()) == []


async def test_a_print_that_cannot_be_written_for_other_reasons_does_not_count_as_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk ends the run; a network folder that is away for a moment must not."""

    def fail(_path: Path, _data: bytes) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "write_bytes", fail)
    photographs = [Photograph(tmp_path / "a.jpg", PurePath("a"))]
    objects = LocalPhotographs(photographs, tmp_path, max_bytes=9, on_full=lambda: pytest.fail("it was not full"))
    with pytest.raises(StorageUnavailableError, match="cannot be written: Input/output error"):
        await objects.put(print_key("b", 0, "web", "jpg"), b"print")


async def test_nothing_in_a_persons_folders_is_listed_or_removed(objects: LocalPhotographs, tmp_path: Path) -> None:
    """It is theirs."""
    for refused in (objects.remove("originals/b/0"), objects.remove_under("originals/b/")):
        with pytest.raises(StorageUnavailableError, match="own folders"):
            await refused
    with pytest.raises(StorageUnavailableError, match="own folders"):
        objects.listed("originals/b/")
    assert (tmp_path / "a.jpg").exists()


async def test_a_print_that_can_never_be_written_is_rejected_at_once(objects: LocalPhotographs, tmp_path: Path) -> None:
    """Retrying for most of a minute would not move the file where the folder should be; the path is told."""
    (tmp_path / "prints").write_bytes(b"a file where the folder should be")
    with pytest.raises(ObjectRejectedError, match=r"web/trip/a\.jpg cannot be written: Not a directory") as rejected:
        await objects.put(print_key("b", 0, "web", "jpg"), b"print")
    assert rejected.value.code == "unwritable"


async def test_a_folder_that_takes_no_more_is_told_at_once(
    objects: LocalPhotographs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its permissions are a person's to change."""

    def refuse(_path: Path, _data: bytes) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(ObjectRejectedError, match="Permission denied"):
        await objects.put(print_key("b", 0, "web", "jpg"), b"print")


async def test_a_name_may_be_as_long_as_the_file_system_takes(tmp_path: Path) -> None:
    """What is written beside it meanwhile needs no more room; a name that is too long is told at once."""
    names = ["x" * 251, "사" * 83 + "xx", "x" * 252]
    objects = LocalPhotographs([Photograph(tmp_path, PurePath(name)) for name in names], tmp_path, max_bytes=1)
    for index in (0, 1):
        await objects.put(print_key("b", index, "web", "jpg"), b"print")
        assert objects.print_path(index, "web", "jpg").read_bytes() == b"print"
    assert len(list((tmp_path / "web").iterdir())) == 2
    with pytest.raises(ObjectRejectedError, match=f"{names[2]}.jpg cannot be written: File name too long"):
        await objects.put(print_key("b", 2, "web", "jpg"), b"print")


async def test_what_a_killed_run_left_half_written_is_replaced(
    objects: LocalPhotographs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is hidden, so that nobody takes it for a photograph, and the next run writes over it."""

    class KilledError(BaseException):
        """Nothing more is done."""

    def kill(_partial: Path, _path: Path) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", kill)
        with pytest.raises(KilledError):
            await objects.put(print_key("b", 0, "web", "jpg"), b"half")
    folder = tmp_path / "prints" / "web" / "trip"
    assert [path.name.startswith(".") for path in folder.iterdir()] == [True]
    await objects.put(print_key("b", 0, "web", "jpg"), b"whole")
    assert [path.name for path in folder.iterdir()] == ["a.jpg"]


async def test_a_persons_photographs_are_never_removed(objects: LocalPhotographs) -> None:
    """Whatever asks for it."""
    with pytest.raises(StorageUnavailableError):
        await objects.remove_under("originals/b/")
    assert await objects.get(original_key("b", 0)) == b"a"
