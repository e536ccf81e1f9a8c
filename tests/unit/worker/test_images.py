import asyncio

import pytest

from services.worker.images import ImageDeveloper
from services.worker.imaging.failures import ImageRejected
from shared.adapters.object_store import open_object_store
from shared.documents import original_key, print_key
from shared.errors import ObjectMissingError, StorageUnavailableError
from shared.lifecycle import Stopping
from shared.messages import ImageCompleted, ImageFailed
from shared.ports import ObjectStore
from shared.recipes import built_in_recipes
from tests.fakes import FakeImageEngine, until

RECIPE = built_in_recipes()["web"]


class BrokenStore:
    """An object store whose writes, or reads, fail."""

    def __init__(self, store: ObjectStore, *, reads: bool = False) -> None:
        self._store = store
        self._reads = reads

    async def get(self, key: str) -> bytes:
        """Read, or fail."""
        if self._reads:
            raise StorageUnavailableError("the disk is gone")
        return await self._store.get(key)

    async def put(self, _key: str, _data: object) -> None:
        """Fail."""
        raise StorageUnavailableError("the disk is full")


@pytest.fixture
async def objects() -> ObjectStore:
    """Ten originals in memory."""
    store = open_object_store("memory://")
    for index in range(10):
        await store.put(original_key("b", index), b"original %d" % index)
    return store


async def test_a_developed_image_has_its_prints_stored_and_told(objects: ObjectStore) -> None:
    """Every output of the recipe, under a key made from ids."""
    developer = ImageDeveloper(objects, FakeImageEngine(), "w", 2, Stopping())
    result = await developer.develop("b", 3, 7, RECIPE)
    assert isinstance(result, ImageCompleted)
    assert (result.batch_id, result.chunk, result.index, result.worker) == ("b", 3, 7, "w")
    assert [(p.output, p.extension, p.media_type, p.width, p.height, p.size_bytes) for p in result.prints] == [
        ("web", "jpg", "image/jpeg", 4, 3, 19),
        ("thumbnail", "jpg", "image/jpeg", 4, 3, 19),
    ]
    for output in ("web", "thumbnail"):
        assert await objects.get(print_key("b", 7, output, "jpg")) == b"print of original 7"
    assert developer.developed_images == 1


async def test_developing_twice_leaves_the_same_prints(objects: ObjectStore) -> None:
    """Deterministic keys: the second overwrites the first."""
    developer = ImageDeveloper(objects, FakeImageEngine(), "w", 2, Stopping())
    first, second = [await developer.develop("b", 0, 1, RECIPE) for _ in range(2)]
    assert isinstance(first, ImageCompleted)
    assert isinstance(second, ImageCompleted)
    assert first.prints == second.prints


async def test_a_rejected_image_fails_with_its_reason(objects: ObjectStore) -> None:
    """Bad input is named: a stable code and a sentence."""
    engine = FakeImageEngine()
    engine.instead[b"original 4"] = ImageRejected("too_many_pixels", "This image has too many pixels.")
    developer = ImageDeveloper(objects, engine, "w", 2, Stopping())
    result = await developer.develop("b", 0, 4, RECIPE)
    assert isinstance(result, ImageFailed)
    assert (result.index, result.code, result.message, result.worker) == (
        4,
        "too_many_pixels",
        "This image has too many pixels.",
        "w",
    )
    assert developer.developed_images == 0


async def test_a_missing_original_fails_by_name(objects: ObjectStore) -> None:
    """No retry brings it back."""
    result = await ImageDeveloper(objects, FakeImageEngine(), "w", 2, Stopping()).develop("b", 0, 99, RECIPE)
    assert isinstance(result, ImageFailed)
    assert result.code == "original_missing"


@pytest.mark.parametrize("reads", [True, False])
async def test_storage_trouble_is_told_as_what_it_is(objects: ObjectStore, reads: bool) -> None:  # noqa: FBT001 - a parameter
    """It is transient and keeps its own code and sentence, also when several prints are written at once."""
    developer = ImageDeveloper(BrokenStore(objects, reads=reads), FakeImageEngine(), "w", 2, Stopping())  # type: ignore[arg-type]  # the half of a store that a worker uses
    with pytest.raises(StorageUnavailableError, match="the disk is"):
        await developer.develop("b", 0, 0, RECIPE)
    assert developer.developed_images == 0


async def test_no_more_images_are_in_memory_than_allowed(objects: ObjectStore) -> None:
    """However large the chunk; and a failure gives its place back."""
    engine = FakeImageEngine()
    engine.instead[b"original 0"] = OSError("a bug")
    engine.go_on.clear()
    developer = ImageDeveloper(objects, engine, "w", 2, Stopping())
    work = [asyncio.ensure_future(developer.develop("b", 0, index, RECIPE)) for index in range(10)]
    await until(lambda: engine.at_work == 2)
    engine.go_on.set()
    results = await asyncio.gather(*work, return_exceptions=True)
    assert engine.most_at_work == 2
    assert [type(result) for result in results] == [OSError, *[ImageCompleted] * 9]


async def test_an_object_that_vanishes_is_missing(objects: ObjectStore) -> None:
    """What the developer relies on: the store tells missing from broken."""
    with pytest.raises(ObjectMissingError):
        await objects.get("originals/b/99")
