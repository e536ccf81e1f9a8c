"""A worker reads a batch once a second, not once a chunk."""

from services.worker.recent_batches import MOST_BATCHES, RecentBatches
from shared.adapters.memory_documents import MemoryDocuments
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
    for number in range(MOST_BATCHES + 5):
        await store.add(new_batch().model_copy(update={"id": str(number)}))
        await recent.get(str(number))
    assert len(recent._known) == MOST_BATCHES
