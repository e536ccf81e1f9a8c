"""What every store of chunks promises the chunker and the workers: who may work on a chunk, and until when."""

import asyncio

import pytest

from shared.documents import PRIORITIES, Chunk, Folding
from shared.ports import ChunkStore
from tests.contract.documents.examples import a_chunk, after, completed


async def stored(chunks: ChunkStore, number: int = 0) -> Chunk:
    """The chunk of the example batch with that number."""
    found = {chunk.number: chunk for chunk in await chunks.overlapping("b", 0, 1_000_000)}
    return found[number]


async def settle(chunks: ChunkStore, chunk: Chunk) -> None:
    """Give every image of the chunk an outcome."""
    await chunks.fold([Folding(chunk_id=chunk.id, outcomes=dict.fromkeys(chunk.indexes, completed()))])


async def test_a_chunk_recorded_again_stays_as_it_is(chunks: ChunkStore) -> None:
    """Planning a batch twice does not undo what has happened."""
    await chunks.add([a_chunk(0), a_chunk(1)])
    await settle(chunks, a_chunk(0))
    before = await stored(chunks)
    await asyncio.gather(*(chunks.add([a_chunk(0, due=999), a_chunk(2)]) for _ in range(4)))
    assert await stored(chunks) == before
    assert await stored(chunks, 1) == a_chunk(1)
    assert await stored(chunks, 2) == a_chunk(2)


async def test_nothing_may_be_recorded(chunks: ChunkStore) -> None:
    """Empty lists are no error."""
    await chunks.add([])
    await chunks.fold([])
    await chunks.extend([], after(1))
    await chunks.renew([], "w", after(1))
    assert list(await chunks.overdue(after(999), 10)) == []


async def test_overdue_chunks_come_longest_overdue_first(chunks: ChunkStore) -> None:
    """Settled chunks and those in good hands do not come; the limit cuts the freshest."""
    await chunks.add([a_chunk(0, due=30), a_chunk(1, due=10), a_chunk(2, due=20), a_chunk(3, due=5)])
    await chunks.add([a_chunk(4, due=40, batch_id="other")])
    await settle(chunks, a_chunk(3))
    assert [chunk.number for chunk in await chunks.overdue(after(30), 10)] == [1, 2, 0]
    assert [chunk.number for chunk in await chunks.overdue(after(29.999), 10)] == [1, 2]
    assert [chunk.number for chunk in await chunks.overdue(after(99), 2)] == [1, 2]
    assert [chunk.id for chunk in await chunks.overdue(after(99), 99)] == ["b:1", "b:2", "b:0", "other:4"]
    assert list(await chunks.overdue(after(99), 0)) == []


async def test_only_unsettled_chunks_are_extended(chunks: ChunkStore) -> None:
    """A longer lease takes a chunk off the list of the overdue; ids that nobody knows are ignored."""
    await chunks.add([a_chunk(0, due=1), a_chunk(1, due=1), a_chunk(2, due=1)])
    await settle(chunks, a_chunk(1))
    await chunks.extend(["b:0", "b:1", "b:77"], after(50))
    assert [chunk.number for chunk in await chunks.overdue(after(49), 9)] == [2]
    assert (await stored(chunks, 0)).lease_until == after(50)
    assert (await stored(chunks, 1)).lease_until == after(1)


async def test_a_claim_counts_an_attempt_and_answers_the_chunk(chunks: ChunkStore) -> None:
    """Nobody's lease never stands in the way, however long it runs."""
    await chunks.add([a_chunk(due=9999)])
    claimed = await chunks.claim("b:0", "w", after(0), after(60), take_over=False)
    assert claimed is not None
    assert (claimed.worker, claimed.attempts, claimed.lease_until) == ("w", 1, after(60))
    assert claimed == await stored(chunks)


async def test_an_unknown_chunk_cannot_be_claimed(chunks: ChunkStore) -> None:
    """A message about a chunk that was never recorded leads nowhere."""
    assert await chunks.claim("b:0", "w", after(0), after(60), take_over=True) is None


async def test_a_settled_chunk_cannot_be_claimed(chunks: ChunkStore) -> None:
    """Not even when the broker says that its worker has lost it."""
    await chunks.add([a_chunk()])
    await settle(chunks, a_chunk())
    assert await chunks.claim("b:0", "w", after(0), after(60), take_over=True) is None
    assert (await stored(chunks)).attempts == 0


@pytest.mark.parametrize(
    ("worker", "moment", "take_over", "attempts"),
    [
        ("other", 59.999, False, None),
        ("other", 60, False, 2),
        ("other", 61, False, 2),
        ("other", 0, True, 2),
        ("w", 0, False, 2),
    ],
)
async def test_another_workers_lease_is_respected_until_it_ends(
    chunks: ChunkStore, worker: str, moment: float, *, take_over: bool, attempts: int | None
) -> None:
    """It ends at its moment, or when the broker says so; a worker may always claim what it holds."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", after(0), after(60), take_over=False)
    claimed = await chunks.claim("b:0", worker, after(moment), after(120), take_over=take_over)
    assert (claimed.attempts if claimed else None) == attempts
    assert (await stored(chunks)).worker == (worker if claimed else "w")


async def test_of_many_who_claim_at_once_one_succeeds(chunks: ChunkStore) -> None:
    """Competing workers never hold a chunk together."""
    await chunks.add([a_chunk()])
    claims = (chunks.claim("b:0", f"w{n}", after(0), after(60), take_over=False) for n in range(20))
    assert sum(claimed is not None for claimed in await asyncio.gather(*claims)) == 1
    assert (await stored(chunks)).attempts == 1


async def test_every_take_over_counts(chunks: ChunkStore) -> None:
    """Attempts are what poison is found by, so none may be lost."""
    await chunks.add([a_chunk()])
    claims = (chunks.claim("b:0", f"w{n}", after(0), after(60), take_over=True) for n in range(10))
    answers = [claimed.attempts for claimed in await asyncio.gather(*claims) if claimed]
    assert sorted(answers) == list(range(1, 11))


async def test_only_ones_own_unsettled_chunks_are_renewed(chunks: ChunkStore) -> None:
    """A worker that has lost a chunk cannot lengthen its new owner's lease."""
    await chunks.add([a_chunk(number) for number in range(4)])
    for number, worker in ((0, "w"), (1, "other"), (2, "w")):
        await chunks.claim(f"b:{number}", worker, after(0), after(60), take_over=False)
    await settle(chunks, a_chunk(2))
    await chunks.renew(["b:0", "b:1", "b:2", "b:3", "b:99"], "w", after(90))
    leases = [(await stored(chunks, number)).lease_until for number in range(4)]
    assert leases == [after(90), after(60), after(60), after(60)]


async def test_a_chunk_handed_back_is_due_and_free(chunks: ChunkStore) -> None:
    """Its attempts stay; another worker need not wait for the lease."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", after(0), after(60), take_over=False)
    await chunks.hand_back("b:0", "w", after(10))
    freed = await stored(chunks)
    assert (freed.worker, freed.attempts, freed.lease_until) == (None, 1, after(10))
    assert await chunks.claim("b:0", "other", after(1), after(60), take_over=False) is not None


async def test_only_the_holder_can_hand_back(chunks: ChunkStore) -> None:
    """A late hand-back of a chunk that has moved on, settled or never was changes nothing."""
    await chunks.add([a_chunk(0), a_chunk(1)])
    for number in range(2):
        await chunks.claim(f"b:{number}", "w", after(0), after(60), take_over=False)
    await settle(chunks, a_chunk(1))
    await chunks.hand_back("b:0", "other", after(10))
    await chunks.hand_back("b:1", "w", after(10))
    await chunks.hand_back("b:99", "w", after(10))
    assert [(await stored(chunks, number)).worker for number in range(2)] == ["w", "w"]


async def test_claims_and_outcomes_do_not_disturb_each_other(chunks: ChunkStore) -> None:
    """A fold keeps the lease, a claim keeps the outcomes."""
    await chunks.add([a_chunk()])
    await asyncio.gather(
        chunks.claim("b:0", "w", after(0), after(60), take_over=False),
        chunks.fold([Folding(chunk_id="b:0", outcomes={3: completed()})]),
        chunks.claim("b:0", "w", after(0), after(70), take_over=False),
        chunks.fold([Folding(chunk_id="b:0", outcomes={4: completed()})]),
    )
    chunk = await stored(chunks)
    assert (chunk.worker, chunk.attempts, chunk.completed, chunk.settled) == ("w", 2, 2, False)


async def test_unclaimed_chunks_are_counted_by_priority(chunks: ChunkStore) -> None:
    """Neither claimed nor settled ones count; one that was handed back counts again."""
    high = [chunk.model_copy(update={"priority": "high"}) for chunk in (a_chunk(3), a_chunk(4))]
    await chunks.add([a_chunk(0), a_chunk(1), a_chunk(2), *high])
    await chunks.claim(a_chunk(0).id, "w", after(0), after(9), take_over=False)
    await settle(chunks, a_chunk(1))
    assert [await chunks.unclaimed(priority) for priority in PRIORITIES] == [2, 1, 0]
    await chunks.hand_back(a_chunk(0).id, "w", after(0))
    assert await chunks.unclaimed("normal") == 2
