import asyncio
import hashlib
import time
from collections.abc import Callable

import pytest

from services.worker.chunks.admission import Admission, BatchInactiveError, WorkerStoppingError
from services.worker.chunks.images import MAX_HASHED_AT_ONCE_BYTES, ImageDeveloper
from services.worker.chunks.recent_batches import RecentBatches
from services.worker.chunks.work_periods import WorkPeriods
from services.worker.imaging.failures import ImageRejected
from shared.adapters.memory_documents import MemoryDocuments
from shared.adapters.object_store import open_object_store
from shared.documents import Batch, Chunk, ManifestEntry, ManifestPage, Original, UnfitReason
from shared.errors import ObjectMissingError, StorageUnavailableError
from shared.failure_codes import FailureCode
from shared.messaging.messages import ImageCompleted, ImageFailed
from shared.object_keys import STORE_MARKER_KEY, original_key, print_key
from shared.ports import ObjectStore
from tests.fakes import START, FakeImageEngine, HastyStopping, SteppingClock, new_batch, until

CHUNK = Chunk(batch_id="b", number=3, indexes=(4, 7), lease_until=START)


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


class Stage:
    """A developer of the images of a batch that has started, and ten originals in memory."""

    def __init__(self) -> None:
        documents = MemoryDocuments()
        self.batches, self.manifests = documents.batches, documents.manifests
        self.statistics = documents.statistics
        self.objects = open_object_store("memory://")
        self.engine = FakeImageEngine()
        self.clock = SteppingClock()
        self.stopping = HastyStopping()
        self.admission = Admission(RecentBatches(self.batches, self.clock), self.stopping)
        self.periods = WorkPeriods(self.statistics, "w", 2, self.clock)
        self.developer = self.with_objects(self.objects)

    def with_objects(self, objects: ObjectStore) -> ImageDeveloper:
        """A developer with another store."""
        return ImageDeveloper(self.admission, objects, self.manifests, self.engine, "w", self.periods)

    async def set_up(self) -> None:
        """Record the batch, mark the store and put the originals there."""
        await self.objects.mark()
        await self.batches.add(new_batch().released(1, START))
        for index in range(10):
            await self.objects.put(original_key("b", index), b"original %d" % index)

    async def change(self, change: Callable[[Batch], Batch]) -> None:
        """Do to the batch what another service would, long enough ago for the worker to see it."""
        await self.batches.change("b", change)
        self.clock.step(2)


@pytest.fixture
async def stage() -> Stage:
    """A batch whose images may be developed."""
    stage = Stage()
    await stage.set_up()
    return stage


async def test_a_developed_image_has_its_prints_stored_and_told(stage: Stage) -> None:
    """Every output of the batch's recipe, under a key made from ids."""
    result = await stage.developer.develop(CHUNK, 7)
    assert isinstance(result, ImageCompleted)
    assert (result.batch_id, result.chunk, result.index, result.worker) == ("b", 3, 7, "w")
    assert [(p.output, p.extension, p.media_type, p.width, p.height, p.size_bytes) for p in result.prints] == [
        ("web", "jpg", "image/jpeg", 4, 3, 19),
        ("thumbnail", "jpg", "image/jpeg", 4, 3, 19),
    ]
    for made in result.prints:
        stored = await stage.objects.get(print_key("b", 7, made.output, "jpg"))
        assert stored == b"print of original 7"
        assert made.sha256 == hashlib.sha256(stored).hexdigest()
    assert result.timings_ms == {"decode": 4}  # what takes no time is left out
    assert stage.developer.developed_images == 1


async def test_a_large_print_is_recorded_with_the_hash_of_its_bytes(stage: Stage) -> None:
    """It is computed in a thread, as it takes a while."""
    original = b"large " * (MAX_HASHED_AT_ONCE_BYTES // 6)
    await stage.objects.put(original_key("b", 4), original)
    result = await stage.developer.develop(CHUNK, 4)
    assert isinstance(result, ImageCompleted)
    assert {made.sha256 for made in result.prints} == {hashlib.sha256(b"print of " + original).hexdigest()}
    assert all(made.size_bytes > MAX_HASHED_AT_ONCE_BYTES for made in result.prints)


async def test_originals_of_a_draft_lie_where_the_manifest_says(stage: Stage) -> None:
    """Under the id of the append that brought them; what lies under the index is another's."""
    entries = [ManifestEntry(index=index, name="x", size_bytes=1, stored_as=f"a/{9 - index}") for index in range(10)]
    await stage.manifests.add(ManifestPage(batch_id="b", page=0, entries=tuple(entries)))
    await stage.change(lambda b: b.model_copy(update={"was_draft": True}))
    await stage.objects.put("originals/b/a/2", b"appended")
    assert isinstance(await stage.developer.develop(CHUNK, 7), ImageCompleted)
    assert stage.engine.developed == [b"appended"]
    missing = await stage.developer.develop(CHUNK, 6)
    assert isinstance(missing, ImageFailed)
    assert missing.code == "original_missing"


async def test_developing_twice_leaves_the_same_prints(stage: Stage) -> None:
    """Deterministic keys: the second overwrites the first."""
    first, second = [await stage.developer.develop(CHUNK, 4) for _ in range(2)]
    assert isinstance(first, ImageCompleted)
    assert isinstance(second, ImageCompleted)
    assert first.prints == second.prints


async def test_prints_of_a_retry_carry_its_generation_in_key_and_record(stage: Stage) -> None:
    """A worker of the generation before that stores late overwrites nothing."""
    await stage.developer.develop(CHUNK, 7)
    await stage.change(lambda b: b.changed(START, generation=2))
    await stage.objects.put(original_key("b", 7), b"other original")
    result = await stage.developer.develop(CHUNK.model_copy(update={"generation": 2}), 7)
    assert isinstance(result, ImageCompleted)
    assert {made.generation for made in result.prints} == {2}
    for made in result.prints:
        key = print_key("b", 7, made.output, made.extension, made.generation)
        assert await stage.objects.get(key) == b"print of other original"
        assert await stage.objects.get(print_key("b", 7, made.output, made.extension)) == b"print of original 7"


async def test_a_retry_is_developed_by_the_recipe_of_its_own(stage: Stage) -> None:
    """The recipe is read with the batch, and not with the message."""
    recipe = (await stage.admission.admit(CHUNK)).recipe.model_copy(update={"outputs": ()})
    await stage.change(lambda b: b.changed(START, recipe=recipe, generation=1))
    result = await stage.developer.develop(CHUNK.model_copy(update={"generation": 1}), 7)
    assert isinstance(result, ImageCompleted)
    assert result.prints == ()


async def test_what_was_found_out_about_an_original_travels_with_its_result(stage: Stage) -> None:
    """From the engine to the outcome in the chunk's document."""
    result = await stage.developer.develop(CHUNK, 4)
    assert isinstance(result, ImageCompleted)
    assert result.original == Original(width=40, height=30, format="jpeg")
    assert result.outcome.original == result.original


async def test_a_rejected_image_fails_with_its_reason(stage: Stage) -> None:
    """Bad input is named: a stable code and a sentence."""
    stage.engine.instead[b"original 4"] = ImageRejected(FailureCode.TOO_MANY_PIXELS, "This image has too many pixels.")
    result = await stage.developer.develop(CHUNK, 4)
    sentence = "This image has too many pixels."
    assert isinstance(result, ImageFailed)
    assert result.model_copy(update={"duration_ms": 0}) == ImageFailed(
        batch_id="b", chunk=3, index=4, chunk_images=2, code="too_many_pixels", message=sentence, worker="w"
    )
    assert stage.developer.developed_images == 0


async def test_a_failure_says_how_long_it_took(stage: Stage) -> None:
    """One after a minute is another than one at the first byte."""
    stage.engine.instead[b"original 4"] = ImageRejected(FailureCode.TIMEOUT)
    stage.engine.go_on.clear()
    developing = asyncio.create_task(stage.developer.develop(CHUNK, 4))
    await until(lambda: stage.engine.at_work == 1)
    since = time.monotonic()
    await until(lambda: time.monotonic() - since > 0.003)
    stage.engine.go_on.set()
    assert (await developing).duration_ms >= 3


async def test_a_missing_original_fails_by_name(stage: Stage) -> None:
    """No retry brings it back."""
    result = await stage.developer.develop(CHUNK, 99)
    assert isinstance(result, ImageFailed)
    assert (result.index, result.code) == (99, "original_missing")


async def test_a_file_that_was_not_stored_fails_for_the_reason_in_its_manifest(stage: Stage) -> None:
    """However often it is retried."""
    unfit = UnfitReason(code="unsupported_format", message="This is a file of the type PDF.")
    entries = [ManifestEntry(index=n, name="a", size_bytes=7, unfit=unfit if n == 99 else None) for n in range(100)]
    await stage.manifests.add(ManifestPage(batch_id="b", page=0, entries=tuple(entries)))
    for _ in range(2):
        result = await stage.developer.develop(CHUNK, 99)
        assert isinstance(result, ImageFailed)
        assert (result.index, result.code, result.message) == (99, unfit.code, unfit.message)


async def test_an_original_that_is_missing_with_its_whole_store_is_waited_for(stage: Stage) -> None:
    """As in the empty folder of a volume that is not mounted: nobody has to upload it again."""
    await stage.objects.remove(STORE_MARKER_KEY)
    with pytest.raises(StorageUnavailableError):
        await stage.developer.develop(CHUNK, 99)


@pytest.mark.parametrize("reads", [True, False])
async def test_storage_trouble_is_told_as_what_it_is(stage: Stage, reads: bool) -> None:  # noqa: FBT001 - a parameter
    """It is transient and keeps its own code and sentence, also when several prints are written at once."""
    developer = stage.with_objects(BrokenStore(stage.objects, reads=reads))  # type: ignore[arg-type]  # the half of a store that a worker uses
    with pytest.raises(StorageUnavailableError, match="the disk is"):
        await developer.develop(CHUNK, 4)
    assert developer.developed_images == 0


@pytest.mark.parametrize(
    "rest",
    [
        lambda b: b.with_pause(START),
        lambda b: b.stopped("cancelled", START),
        lambda b: b.stopped("failure_threshold", START),
        lambda b: b.changed(START, status="SUCCESS"),
        lambda b: b.changed(START, generation=1),
    ],
    ids=["paused", "cancelled", "failed wholesale", "finished", "of another generation"],
)
async def test_no_image_of_a_resting_batch_is_begun(stage: Stage, rest: Callable[[Batch], Batch]) -> None:
    """Not even its original is fetched; whoever only asks hears the same."""
    await stage.change(rest)
    developer = stage.with_objects(BrokenStore(stage.objects, reads=True))  # type: ignore[arg-type]  # as above
    with pytest.raises(BatchInactiveError):
        await developer.develop(CHUNK, 4)
    with pytest.raises(BatchInactiveError):
        await stage.admission.admit(CHUNK)
    assert stage.engine.developed == []


async def test_no_image_of_an_unknown_batch_is_begun(stage: Stage) -> None:
    """It was deleted, and its chunks are still in the queues."""
    await stage.batches.remove("b")
    with pytest.raises(BatchInactiveError):
        await stage.developer.develop(CHUNK, 4)
    assert stage.engine.developed == []


async def test_a_pause_counts_within_a_second_for_chunks_in_hand(stage: Stage) -> None:
    """The batch is asked for with each image, and not only with the chunk."""
    await stage.developer.develop(CHUNK, 4)
    await stage.change(lambda b: b.with_pause(START))
    with pytest.raises(BatchInactiveError):
        await stage.developer.develop(CHUNK, 7)
    await stage.change(lambda b: b.resumed(START))
    assert isinstance(await stage.developer.develop(CHUNK, 7), ImageCompleted)


async def test_a_stopping_worker_begins_no_image(stage: Stage) -> None:
    """And asks nobody for the batch."""
    await stage.batches.remove("b")
    stage.stopping.set()
    with pytest.raises(WorkerStoppingError):
        await stage.developer.develop(CHUNK, 4)
    with pytest.raises(WorkerStoppingError):
        await stage.admission.admit(CHUNK)


async def test_an_object_that_vanishes_is_missing(stage: Stage) -> None:
    """What the developer relies on: the store tells missing from broken."""
    with pytest.raises(ObjectMissingError):
        await stage.objects.get("originals/b/99")


async def test_a_result_says_what_its_image_cost(stage: Stage) -> None:
    """And how large the original was, so that costs can be learnt from results alone; failures cost as well."""
    result = await stage.developer.develop(CHUNK, 4)
    assert (result.cpu_ms, result.size_bytes) == (7, len(b"original 4"))
    rejected = ImageRejected(FailureCode.TIMEOUT)
    rejected.cpu_ms = 20_000
    stage.engine.instead[b"original 7"] = rejected
    assert (await stage.developer.develop(CHUNK, 7)).cpu_ms == 20_000
