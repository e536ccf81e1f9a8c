"""What every store of chunks promises the chunker: what is recorded, overdue, free or lost."""

import asyncio

import pytest

from shared.documents import PRIORITIES, ChunkSummary, ChunkTotals, Folding, HeldChunks
from shared.ports import ChunkStore
from tests.contract.documents.examples import NOW, a_chunk, after, completed, settle, stored


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
    await chunks.revoke_rest([])
    await chunks.extend([], after(1))
    await chunks.renew([], "w", after(1))
    await chunks.remove("nobody")
    assert list(await chunks.unsettled_among([])) == []
    assert list(await chunks.overdue(after(999), 10)) == []


async def test_chunks_are_summed_up_in_their_order(chunks: ChunkStore) -> None:
    """Those of one generation or of several, from any place on; each says all of a chunk but its outcomes."""
    known = [a_chunk(number, generation=number // 4, size=3) for number in range(12)]
    await chunks.add([*known[::-1], a_chunk(3, batch_id="other")])
    await chunks.claim("b:5", "w", NOW, after(60))
    await settle(chunks, known[5])
    summed_up = [ChunkSummary.of(await stored(chunks, number)) for number in range(12)]
    assert (summed_up[5].images, summed_up[5].first_index, summed_up[5].last_index) == (3, 15, 17)
    assert (summed_up[5].completed, summed_up[5].worker, summed_up[5].claimed_at) == (3, "w", NOW)
    assert list(await chunks.summaries("b", (0, 0), 2, 99)) == summed_up
    assert list(await chunks.summaries("b", (0, 2), 2, 4)) == summed_up[2:6]
    assert list(await chunks.summaries("b", (1, 6), 1, 99)) == summed_up[6:8]
    assert list(await chunks.summaries("b", (2, 0), 1, 99)) == []
    assert list(await chunks.summaries("b", (0, 0), 2, 0)) == []
    assert list(await chunks.summaries("nobody", (0, 0), 2, 9)) == []


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


async def test_some_overdue_chunks_may_be_left_out(chunks: ChunkStore) -> None:
    """Whoever is watched already need not be looked at, and leaves room below the limit for the others."""
    await chunks.add([a_chunk(number, due=number) for number in range(5)])
    assert [chunk.number for chunk in await chunks.overdue(after(9), 2, ["b:0", "b:2", "b:99"])] == [1, 3]
    assert [chunk.number for chunk in await chunks.overdue(after(9), 9, {"b:1"})] == [0, 2, 3, 4]
    assert list(await chunks.overdue(after(9), 9, [f"b:{number}" for number in range(5)])) == []


async def test_what_workers_have_before_them_is_summed_up_by_batch_and_holder(chunks: ChunkStore) -> None:
    """Without what has settled or backs off; a chunk of which no cost was predicted counts by its images."""
    predicted = [a_chunk(number).model_copy(update={"cost_ms": 70}) for number in (0, 1, 2, 3)]
    await chunks.add([*predicted, a_chunk(4, size=3), a_chunk(0, batch_id="other")])
    await settle(chunks, predicted[0])
    for number, holder in ((1, "w.1"), (2, "w.1"), (3, "w.2"), (4, "w.2")):
        await chunks.claim(f"b:{number}", holder, NOW, after(60))
    await chunks.release_claim("b:3", "w.2", after(90), retries=1, not_before=after(30))
    other = HeldChunks("other", None, chunks=1, cost_ms=1000)
    in_hand = [HeldChunks("b", "w.1", chunks=2, cost_ms=140), HeldChunks("b", "w.2", chunks=1, cost_ms=300)]
    assert sorted(await chunks.held(NOW), key=str) == sorted([*in_hand, other], key=str)
    after_backoff = [*in_hand, HeldChunks("b", None, chunks=1, cost_ms=70), other]
    assert sorted(await chunks.held(after(30)), key=str) == sorted(after_backoff, key=str)
    await settle(chunks, *predicted, a_chunk(4, size=3))
    assert list(await chunks.held(after(30))) == [other]


async def test_only_unsettled_chunks_are_extended(chunks: ChunkStore) -> None:
    """A longer lease takes a chunk off the list of the overdue; ids that nobody knows are ignored."""
    await chunks.add([a_chunk(0, due=1), a_chunk(1, due=1), a_chunk(2, due=1)])
    await settle(chunks, a_chunk(1))
    await chunks.extend(["b:0", "b:1", "b:77"], after(50))
    assert [chunk.number for chunk in await chunks.overdue(after(49), 9)] == [2]
    assert (await stored(chunks, 0)).lease_until == after(50)
    assert (await stored(chunks, 1)).lease_until == after(1)


async def test_unclaimed_chunks_are_counted_by_priority(chunks: ChunkStore) -> None:
    """Neither claimed nor settled ones count; one that was handed back or taken back counts again."""
    high = [chunk.model_copy(update={"priority": "high"}) for chunk in (a_chunk(3), a_chunk(4))]
    await chunks.add([a_chunk(0), a_chunk(1), a_chunk(2), *high])
    await chunks.claim("b:0", "w", NOW, after(9))
    await chunks.claim("b:3", "w", NOW, after(9))
    await settle(chunks, a_chunk(1))
    assert {priority: await chunks.unclaimed(priority, NOW) for priority in PRIORITIES} == {
        "high": 1,
        "normal": 1,
        "low": 0,
    }
    await chunks.release_claim("b:0", "w", after(0))
    await chunks.expire_claim("b:3", "w", after(9))
    assert {priority: await chunks.unclaimed(priority, NOW) for priority in PRIORITIES} == {
        "high": 2,
        "normal": 2,
        "low": 0,
    }


async def test_unclaimed_chunks_of_some_batches_may_be_left_out(chunks: ChunkStore) -> None:
    """Those of paused batches are in no queue, and nobody misses them there."""
    for batch_id, number in (("a", 1), ("b", 2), ("c", 3)):
        await chunks.add([a_chunk(n, batch_id=batch_id) for n in range(number)])
    assert await chunks.unclaimed("normal", NOW) == 6
    assert await chunks.unclaimed("normal", NOW, {"b"}) == 4
    assert await chunks.unclaimed("normal", NOW, ["a", "c", "nobody"]) == 2
    assert await chunks.unclaimed("normal", NOW, frozenset("abc")) == 0
    assert await chunks.unclaimed("high", NOW, {"b"}) == 0


async def test_unclaimed_chunks_of_a_generation_come_lowest_first(chunks: ChunkStore) -> None:
    """Whatever their leases; neither claimed or settled ones, nor those of another generation or batch."""
    await chunks.add([a_chunk(number, due=100 - number) for number in (5, 3, 1, 4, 2, 0)])
    await chunks.add([a_chunk(6, generation=1), a_chunk(0, batch_id="other")])
    await chunks.claim("b:2", "w", NOW, after(9))
    await settle(chunks, a_chunk(4))
    assert [chunk.number for chunk in await chunks.unclaimed_of("b", 0, NOW, 9)] == [0, 1, 3, 5]
    assert [chunk.number for chunk in await chunks.unclaimed_of("b", 0, NOW, 3)] == [0, 1, 3]
    assert list(await chunks.unclaimed_of("b", 1, NOW, 9)) == [a_chunk(6, generation=1)]
    assert list(await chunks.unclaimed_of("b", 0, NOW, 0)) == []
    assert list(await chunks.unclaimed_of("nobody", 0, NOW, 9)) == []


async def test_a_claim_taken_back_is_a_loss_and_makes_the_chunk_due(chunks: ChunkStore) -> None:
    """Its worker let the lease run out; the next one need not wait, and counts no second loss."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", NOW, after(60))
    assert await chunks.expire_claim("b:0", "w", after(70))
    chunk = await stored(chunks)
    assert (chunk.worker, chunk.lease_until, chunk.attempts, chunk.losses) == (None, after(70), 1, 1)
    assert [overdue.number for overdue in await chunks.overdue(after(70), 9)] == [0]
    claimed = await chunks.claim("b:0", "other", NOW, after(99))
    assert claimed is not None
    assert (claimed.attempts, claimed.losses) == (2, 1)


async def test_a_claim_taken_back_with_a_suspect_counts_against_its_image(chunks: ChunkStore) -> None:
    """Each time once more, and only against the image that was named at that time."""
    await chunks.add([a_chunk()])
    for suspect in (None, 3, 4, 3):
        await chunks.claim("b:0", "w", NOW, after(60))
        await chunks.suspect("b:0", "w", suspect)
        assert await chunks.expire_claim("b:0", "w", after(60))
    chunk = await stored(chunks)
    assert (chunk.losses, chunk.suspect, chunk.suspicions) == (4, None, {"3": 2, "4": 1})


@pytest.mark.parametrize("change", ["renewed", "handed back", "claimed by another", "settled", "removed", "not over"])
async def test_only_a_claim_that_is_still_over_is_taken_back(chunks: ChunkStore, change: str) -> None:
    """Whatever has happened since the chunker looked, it changes nothing then and hears so."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", NOW, after(60))
    match change:
        case "renewed":
            await chunks.renew(["b:0"], "w", after(90))
        case "handed back":
            await chunks.release_claim("b:0", "w", after(60))
        case "claimed by another":
            await chunks.claim("b:0", "other", NOW, after(60), found_lost=await stored(chunks))
        case "settled":
            await settle(chunks, a_chunk())
        case "removed":
            await chunks.remove("b")
    before = await chunks.get("b:0")
    assert not await chunks.expire_claim("b:0", "w", after(59.999 if change == "not over" else 60))
    assert await chunks.get("b:0") == before


async def test_of_many_who_take_back_one_claim_one_succeeds(chunks: ChunkStore) -> None:
    """One loss is counted once, however many chunkers look."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", NOW, after(0))
    answers = await asyncio.gather(*(chunks.expire_claim("b:0", "w", after(1)) for _ in range(10)))
    assert sum(answers) == 1
    assert (await stored(chunks)).losses == 1


async def test_chunks_in_a_backoff_are_neither_counted_nor_found_as_unclaimed(chunks: ChunkStore) -> None:
    """Their messages wait elsewhere; from the moment on at which they may be claimed they are like any other."""
    await chunks.add([a_chunk(0), a_chunk(1)])
    await chunks.claim("b:0", "w", NOW, after(60))
    await chunks.release_claim("b:0", "w", after(20), retries=1, not_before=after(9))
    for seconds, free in ((0, [1]), (8.999, [1]), (9, [0, 1])):
        assert await chunks.unclaimed("normal", after(seconds)) == len(free)
        assert [chunk.number for chunk in await chunks.unclaimed_of("b", 0, after(seconds), 9)] == free
    assert [chunk.number for chunk in await chunks.unclaimed_of("b", 0, NOW, 1)] == [1]


@pytest.mark.parametrize("how", ["taken back", "claimed over"])
async def test_a_backoff_that_an_older_worker_claimed_through_ends_with_its_loss(chunks: ChunkStore, how: str) -> None:
    """It does not know the field and leaves it where it is; the next worker need not wait for it."""
    held = a_chunk().model_copy(update={"worker": "old", "not_before": after(99)})
    await chunks.add([held])
    if how == "taken back":
        assert await chunks.expire_claim("b:0", "old", after(60))
    claimed = await chunks.claim("b:0", "w", NOW, after(60), found_lost=held)
    assert claimed is not None
    assert (claimed.losses, claimed.not_before) == (1, None)


async def test_a_batch_and_its_chunks_are_forgotten_together(chunks: ChunkStore) -> None:
    """Of all generations, settled or in somebody's hands, in every answer; other batches stay, as does their order."""
    await chunks.add([a_chunk(0), a_chunk(1), a_chunk(2, generation=1), a_chunk(0, batch_id="bb")])
    await settle(chunks, a_chunk(0))
    await chunks.claim("b:1", "w", NOW, after(60))
    await chunks.remove("b")
    await chunks.remove("b")
    assert [await chunks.get(f"b:{number}") for number in range(3)] == [None, None, None]
    assert list(await chunks.overlapping("b", 0, 100)) == []
    for generation in (0, 1):
        assert await chunks.totals("b", generation, 0) == ChunkTotals()
        assert await chunks.first_unsettled("b", generation, 0) is None
        assert list(await chunks.unsettled("b", generation, 9)) == []
        assert list(await chunks.unclaimed_of("b", generation, NOW, 9)) == []
    assert [chunk.id for chunk in await chunks.overdue(after(999), 9)] == ["bb:0"]
    assert await chunks.unclaimed("normal", NOW) == 1
    assert await chunks.claim("b:1", "w", NOW, after(60)) is None


async def test_a_chunk_may_be_recorded_again_after_its_batch_was_forgotten(chunks: ChunkStore) -> None:
    """A late chunker does so; nothing of the old chunk comes back with it."""
    await chunks.add([a_chunk()])
    await settle(chunks, a_chunk())
    await chunks.remove("b")
    await chunks.add([a_chunk()])
    assert await stored(chunks) == a_chunk()
    assert await chunks.first_unsettled("b", 0, 0) == 0


async def test_the_oldest_chunk_that_waits_is_found(chunks: ChunkStore) -> None:
    """Of a priority; not one that is claimed, settled, in a backoff, of a batch left out, or without a date."""
    for number in range(7):
        chunk = a_chunk(number, batch_id="left-out" if number == 5 else "b")
        released_at = None if number == 0 else after(number)
        priority = "high" if number == 1 else "normal"
        await chunks.add([chunk.model_copy(update={"released_at": released_at, "priority": priority})])
    await chunks.claim("b:2", "w", NOW, after(60))
    await chunks.fold([Folding(chunk_id="b:3", outcomes={index: completed() for index in range(30, 40)})])
    await chunks.claim("b:4", "w", NOW, after(60))
    await chunks.release_claim("b:4", "w", after(60), not_before=after(30))
    found = {
        exclude: await chunks.oldest_waiting("normal", after(10), exclude)
        for exclude in ((), ("left-out",), ("left-out", "b"))
    }
    assert [chunk and chunk.id for chunk in found.values()] == ["left-out:5", "b:6", None]
    assert (await chunks.oldest_waiting("high", after(10)) or a_chunk()).id == "b:1"
    assert await chunks.oldest_waiting("low", after(10)) is None
    assert (await chunks.oldest_waiting("normal", after(31)) or a_chunk()).id == "b:4"
