from datetime import timedelta

from services.worker.leases import Leases
from shared.adapters.memory_documents import MemoryDocuments
from shared.documents import Chunk
from tests.fakes import START, SteppingClock


async def lease_ends(documents: MemoryDocuments) -> list[float]:
    """Seconds from the start until each chunk's lease ends."""
    chunks = await documents.chunks.overlapping("b", 0, 10)
    return [(chunk.lease_until - START).total_seconds() for chunk in chunks]


async def claimed(documents: MemoryDocuments, clock: SteppingClock) -> Leases:
    """Leases of 30 seconds of a worker that has claimed chunks 0 and 1; chunk 2 is another's."""
    leases = Leases(documents.chunks, "w", clock, 30)
    await documents.chunks.add(
        [Chunk(batch_id="b", number=number, indexes=(number,), lease_until=START) for number in range(3)]
    )
    for number, worker in enumerate(("w", "w", "another")):
        await documents.chunks.claim(f"b:{number}", worker, clock(), leases.until(), take_over=False)
    return leases


async def test_what_is_in_hand_is_renewed_and_nothing_else() -> None:
    """A chunk that this worker has finished with must be able to run out."""
    documents, clock = MemoryDocuments(), SteppingClock()
    leases = await claimed(documents, clock)
    with leases.held("b:0"), leases.held("b:2"):
        clock.step(10)
        await leases.renew()
    assert await lease_ends(documents) == [40, 30, 30]
    clock.step(10)
    await leases.renew()
    assert await lease_ends(documents) == [40, 30, 30]


async def test_a_chunk_in_hand_twice_is_renewed_until_both_are_done() -> None:
    """A redelivery may reach the worker that still has the chunk; the first to end must not end the other's lease."""
    documents, clock = MemoryDocuments(), SteppingClock()
    leases = await claimed(documents, clock)
    with leases.held("b:0"):
        with leases.held("b:0"):
            pass
        clock.step(10)
        await leases.renew()
    assert (await lease_ends(documents))[0] == 40


def test_a_lease_runs_from_now() -> None:
    """And longer by what a retry waits."""
    clock = SteppingClock()
    leases = Leases(MemoryDocuments().chunks, "w", clock, 30)
    clock.step(5)
    assert leases.until() == START + timedelta(seconds=35)
    assert leases.until(10) == START + timedelta(seconds=45)
