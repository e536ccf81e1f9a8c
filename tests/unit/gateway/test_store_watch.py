from datetime import timedelta

import pytest

from services.gateway.background.store_watch import StoreWatch
from shared.adapters.memory_documents import MemoryDocuments
from shared.adapters.object_store import open_object_store
from shared.documents import Batch
from shared.errors import DocumentsUnavailableError, StorageUnavailableError
from shared.object_keys import STORE_MARKER_KEY, marked_batch_id, original_key
from tests.fakes import START, new_batch


class Stage:
    """A store that nobody has marked, and no batches."""

    def __init__(self) -> None:
        self.batches = MemoryDocuments().batches
        self.objects = open_object_store("memory://")
        self.watch = self.another()

    def another(self) -> StoreWatch:
        """The watch of a gateway that starts now."""
        return StoreWatch(self.objects, self.batches)

    async def record(self, batch_id: str, *, originals: bool = True, minutes: int = 0) -> Batch:
        """A batch, with its originals or without, that was made some minutes later than another."""
        batch = new_batch(batch_id).changed(START, created_at=START + timedelta(minutes=minutes))
        await self.batches.add(batch)
        if originals:
            await self.objects.put(original_key(batch_id, 0), b"x")
        return batch

    async def is_marked(self) -> bool:
        """Whether the marker is there."""
        try:
            await self.objects.check()
        except StorageUnavailableError:
            return False
        return True


@pytest.fixture
def stage() -> Stage:
    """Nothing is there yet."""
    return Stage()


async def test_a_new_store_is_marked_and_a_marked_one_is_left_as_it_is(stage: Stage) -> None:
    """By whichever gateway comes first."""
    await stage.watch.look()
    assert await stage.is_marked()
    await stage.objects.put(STORE_MARKER_KEY, b"left by a person")
    await stage.another().look()
    await stage.watch.look()
    assert await stage.objects.get(STORE_MARKER_KEY) == b"left by a person"


async def test_a_store_that_an_older_version_has_filled_is_marked(stage: Stage) -> None:
    """It is the one in which the originals of a recorded batch are; the newest may have lost theirs."""
    await stage.record("a")
    await stage.record("b", originals=False, minutes=1)
    await stage.watch.look()
    assert await stage.is_marked()


async def test_an_empty_store_is_not_marked_while_batches_are_recorded(stage: Stage) -> None:
    """It is the folder of a volume that is not mounted, whatever else lies there; once that is mounted, all is well."""
    await stage.record("a", originals=False)
    await stage.objects.put("results/a/0/web.jpg", b"stored by a worker that did not know")
    for _ in range(2):
        with pytest.raises(StorageUnavailableError, match=f"put an object {STORE_MARKER_KEY} into it"):
            await stage.watch.look()
    assert not await stage.is_marked()
    await stage.objects.put(original_key("a", 0), b"x")
    await stage.watch.look()
    assert await stage.is_marked()


async def test_deleted_batches_keep_nobody_from_marking(stage: Stage) -> None:
    """Nothing of them should be there."""
    batch = await stage.record("a", originals=False)
    await stage.batches.change(batch.id, lambda batch: batch.changed(START, deleted_at=START))
    await stage.watch.look()
    assert await stage.is_marked()


async def test_a_store_that_was_there_is_not_marked_again(stage: Stage) -> None:
    """It is unmounted, or somebody has taken the marker away, which is then for people to mend."""
    await stage.watch.look()
    await stage.objects.remove(STORE_MARKER_KEY)
    for _ in range(2):
        with pytest.raises(StorageUnavailableError):
            await stage.watch.look()
    await stage.objects.mark()
    await stage.watch.look()


async def test_nothing_is_marked_while_the_database_does_not_say_what_should_be_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A marked store needs no database to be told."""

    async def away(_limit: int) -> list[Batch]:
        raise DocumentsUnavailableError("away")

    with monkeypatch.context() as patched:
        patched.setattr(stage.batches, "newest", away)
        with pytest.raises(DocumentsUnavailableError):
            await stage.watch.look()
        assert not await stage.is_marked()
    await stage.watch.look()
    monkeypatch.setattr(stage.batches, "newest", away)
    await stage.another().look()


def test_the_marker_lies_where_nothing_is_removed() -> None:
    """What a janitor removes has a prefix, or is an upload's marker."""
    assert "/" not in STORE_MARKER_KEY
    assert marked_batch_id(STORE_MARKER_KEY) is None
