from collections.abc import AsyncIterator
from pathlib import Path, PurePath

import pytest

from darkroom.local_objects import LocalPhotographs
from darkroom.photographs import Photograph
from services.worker.imaging.failures import ImageRejected
from shared.documents import original_key, print_key
from shared.errors import ObjectMissingError, StorageUnavailableError


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
    return LocalPhotographs(photographs, tmp_path / "prints", most_bytes=10_000)


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
    with pytest.raises(ImageRejected, match="Is a directory"):
        await objects.get(original_key("b", 2))

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ImageRejected, match="Permission denied") as rejected:
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
    with pytest.raises(ImageRejected, match="more than 10,000 bytes") as rejected:
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


async def test_a_print_that_cannot_be_written_is_trouble_with_the_storage(
    objects: LocalPhotographs, tmp_path: Path
) -> None:
    """The disk may be full now and not later."""
    (tmp_path / "prints").write_bytes(b"a file where the folder should be")
    with pytest.raises(StorageUnavailableError, match="cannot be written"):
        await objects.put(print_key("b", 0, "web", "jpg"), b"print")


async def test_a_persons_photographs_are_never_removed(objects: LocalPhotographs) -> None:
    """Whatever asks for it."""
    with pytest.raises(StorageUnavailableError):
        await objects.remove_under("originals/b/")
    assert await objects.get(original_key("b", 0)) == b"a"
