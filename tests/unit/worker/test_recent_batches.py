"""A worker reads a batch once a second, not once a chunk."""

from services.worker.chunks.recent_batches import MAX_BATCHES, RecentBatches
from shared.adapters.memory_documents import MemoryBatches, MemoryDocuments
from shared.documents import Batch
from tests.fakes import SteppingClock, new_batch


async def test_a_batch_is_read_again_after_a_second() -> None:
    """Within the second the answer may be old, after it is the newest."""
    clock, store = SteppingClock(), MemoryDocuments().batches
    recent = RecentBatches(store, clock)
    await store.add(new_batch())
    first = await recent.get("b")
    await store.change("b", lambda batch: batch.released(1, clock()))
    assert await recent.get("b") == first
    clock.step(1.5)
    assert (await recent.get("b")) == await store.get("b") != first


async def test_the_newest_is_always_read_and_remembered() -> None:
    """Whoever must know for certain asks the database, and all others know it from then on, for a second."""
    clock, store = SteppingClock(), MemoryDocuments().batches
    recent = RecentBatches(store, clock)
    await store.add(new_batch())
    old = await recent.get("b")
    clock.step(0.9)
    paused = await store.change("b", lambda batch: batch.with_pause(clock()))
    assert await recent.get("b") == old
    assert await recent.newest("b") == paused
    assert await recent.get("b") == paused
    await store.change("b", lambda batch: batch.resumed(clock()))
    clock.step(0.9)
    assert await recent.get("b") == paused
    clock.step(0.1)
    assert await recent.get("b") == await store.get("b") != paused


async def test_a_batch_that_is_gone_is_so_as_soon_as_the_newest_is_read() -> None:
    """It was deleted; what is remembered of it ends with its second."""
    clock, store = SteppingClock(), MemoryDocuments().batches
    recent = RecentBatches(store, clock)
    await store.add(new_batch())
    await recent.get("b")
    await store.remove("b")
    assert await recent.newest("b") is None
    clock.step(1)
    assert await recent.get("b") is None


async def test_the_age_of_an_answer_counts_from_before_it_was_asked_for() -> None:
    """A database that takes half a second to answer may have read half a second ago."""
    clock = SteppingClock()

    class Slow(MemoryBatches):
        async def get(self, batch_id: str) -> Batch | None:
            found = await super().get(batch_id)
            clock.step(0.5)
            return found

    store = Slow()
    recent = RecentBatches(store, clock)
    await store.add(new_batch())
    old = await recent.get("b")
    await store.change("b", lambda batch: batch.with_pause(clock()))
    assert await recent.get("b") == old
    clock.step(0.5)
    assert await recent.get("b") == await MemoryBatches.get(store, "b") != old


async def test_an_unknown_batch_is_asked_for_each_time() -> None:
    """It may be there the next time."""
    clock, store = SteppingClock(), MemoryDocuments().batches
    recent = RecentBatches(store, clock)
    assert await recent.get("b") is None
    await store.add(new_batch())
    assert await recent.get("b") is not None


async def test_memory_stays_bounded() -> None:
    """However many batches pass through, only the last hundred are kept."""
    clock, store = SteppingClock(), MemoryDocuments().batches
    recent = RecentBatches(store, clock)
    for number in range(MAX_BATCHES + 5):
        await store.add(new_batch().model_copy(update={"id": str(number)}))
        await recent.get(str(number))
    assert len(recent._known) == MAX_BATCHES
