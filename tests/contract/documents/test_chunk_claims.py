"""What every store of chunks promises the workers: whose a chunk is, until when, and what it has cost so far."""

import asyncio

import pytest

from shared.documents import Folding
from shared.ports import ChunkStore
from tests.contract.documents.examples import NOW, a_chunk, after, completed, settle, stored


async def test_a_claim_counts_an_attempt_and_answers_the_chunk(chunks: ChunkStore) -> None:
    """Nobody's lease never stands in the way, however long it runs."""
    await chunks.add([a_chunk(due=9999)])
    claimed = await chunks.claim("b:0", "w", NOW, after(60))
    assert claimed is not None
    assert (claimed.worker, claimed.attempts, claimed.losses, claimed.lease_until) == ("w", 1, 0, after(60))
    assert claimed.claimed_at == NOW
    assert claimed == await stored(chunks)


async def test_an_unknown_chunk_cannot_be_claimed(chunks: ChunkStore) -> None:
    """A message about a chunk that was never recorded leads nowhere."""
    assert await chunks.claim("b:0", "w", NOW, after(60)) is None
    assert await chunks.claim("b:0", "w", NOW, after(60), found_lost=a_chunk()) is None
    assert await chunks.get("b:0") is None


async def test_a_settled_chunk_cannot_be_claimed(chunks: ChunkStore) -> None:
    """Not even by its holder, or over one that was found lost."""
    await chunks.add([a_chunk()])
    held = await chunks.claim("b:0", "w", NOW, after(60))
    await settle(chunks, a_chunk())
    assert await chunks.claim("b:0", "w", NOW, after(60)) is None
    assert await chunks.claim("b:0", "other", NOW, after(120), found_lost=held) is None
    assert (await stored(chunks)).attempts == 1


async def test_anothers_claim_is_respected_however_old(chunks: ChunkStore) -> None:
    """A lease that has run out may only say that the database was away."""
    await chunks.add([a_chunk()])
    held = await chunks.claim("b:0", "w", NOW, after(-3600))
    assert await chunks.claim("b:0", "other", NOW, after(60)) is None
    assert await stored(chunks) == held


async def test_a_worker_may_claim_what_it_holds(chunks: ChunkStore) -> None:
    """One attempt on, and nobody is lost, however long ago its lease ran out."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", NOW, after(-3600))
    claimed = await chunks.claim("b:0", "w", NOW, after(60))
    assert claimed is not None
    assert (claimed.worker, claimed.attempts, claimed.losses) == ("w", 2, 0)


async def test_a_holder_that_was_found_lost_is_replaced(chunks: ChunkStore) -> None:
    """However long its lease; the loss is counted in the same write."""
    await chunks.add([a_chunk()])
    held = await chunks.claim("b:0", "w", NOW, after(60))
    claimed = await chunks.claim("b:0", "other", NOW, after(61), found_lost=held)
    assert claimed == await stored(chunks)
    assert claimed is not None
    assert (claimed.worker, claimed.attempts, claimed.losses, claimed.lease_until) == ("other", 2, 1, after(61))


@pytest.mark.parametrize("change", ["renewed", "claimed by another", "claimed by another with the same lease"])
async def test_a_holder_that_showed_life_since_is_not_replaced(chunks: ChunkStore, change: str) -> None:
    """Nor is one that nobody has watched: worker and lease must both be as they were found."""
    await chunks.add([a_chunk()])
    held = await chunks.claim("b:0", "w", NOW, after(60))
    if change == "renewed":
        await chunks.renew(["b:0"], "w", after(60.001))
    else:
        until = after(60) if change.endswith("the same lease") else after(90)
        await chunks.claim("b:0", "another", NOW, until, found_lost=held)
    before = await stored(chunks)
    assert await chunks.claim("b:0", "other", NOW, after(61), found_lost=held) is None
    assert await stored(chunks) == before


async def test_a_holder_that_only_learnt_something_since_is_still_lost(chunks: ChunkStore) -> None:
    """Trackers fold what it told before its end, which is no sign of life."""
    await chunks.add([a_chunk()])
    held = await chunks.claim("b:0", "w", NOW, after(60))
    await chunks.suspect("b:0", "w", 5)
    await chunks.fold([Folding(chunk_id="b:0", outcomes={3: completed()})])
    claimed = await chunks.claim("b:0", "other", NOW, after(61), found_lost=held)
    assert claimed is not None
    assert (claimed.losses, claimed.suspicions, claimed.completed) == (1, {"5": 1}, 1)


async def test_whoever_was_found_lost_and_handed_back_meanwhile_is_no_loss(chunks: ChunkStore) -> None:
    """The chunk is free then."""
    await chunks.add([a_chunk()])
    held = await chunks.claim("b:0", "w", NOW, after(60))
    await chunks.release_claim("b:0", "w", after(60))
    claimed = await chunks.claim("b:0", "other", NOW, after(61), found_lost=held)
    assert claimed is not None
    assert (claimed.attempts, claimed.losses) == (2, 0)


async def test_of_many_who_claim_at_once_one_succeeds(chunks: ChunkStore) -> None:
    """Competing workers never hold a chunk together."""
    await chunks.add([a_chunk()])
    claims = (chunks.claim("b:0", f"w{n}", NOW, after(60)) for n in range(20))
    assert sum(claimed is not None for claimed in await asyncio.gather(*claims)) == 1
    assert (await stored(chunks)).attempts == 1


async def test_of_many_who_find_the_same_holder_lost_one_succeeds(chunks: ChunkStore) -> None:
    """And one loss is counted, with one suspicion."""
    await chunks.add([a_chunk()])
    held = await chunks.claim("b:0", "w", NOW, after(60))
    await chunks.suspect("b:0", "w", 5)
    claims = (chunks.claim("b:0", f"w{n}", NOW, after(60.001), found_lost=held) for n in range(20))
    assert sum(claimed is not None for claimed in await asyncio.gather(*claims)) == 1
    chunk = await stored(chunks)
    assert (chunk.attempts, chunk.losses, chunk.suspicions) == (2, 1, {"5": 1})


async def test_every_loss_counts(chunks: ChunkStore) -> None:
    """Poison is found by them, so none may be lost, however close the race for each lost holder's place."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "first", NOW, after(0))
    for turn in range(5):
        lost = await stored(chunks)
        rivals = (chunks.claim("b:0", f"w{turn}.{n}", NOW, after(0), found_lost=lost) for n in range(4))
        (claimed,) = [claimed for claimed in await asyncio.gather(*rivals) if claimed]
        assert (claimed.attempts, claimed.losses) == (turn + 2, turn + 1)


async def test_only_the_holder_of_an_unsettled_chunk_notes_a_suspect(chunks: ChunkStore) -> None:
    """Everybody else hears that it is not, and changes nothing."""
    await chunks.add([a_chunk(0), a_chunk(1)])
    assert not await chunks.suspect("b:0", "w", 5)
    assert not await chunks.suspect("b:99", "w", 5)
    for number in range(2):
        await chunks.claim(f"b:{number}", "w", NOW, after(60))
    assert not await chunks.suspect("b:0", "other", 5)
    assert (await stored(chunks)).suspect is None
    await settle(chunks, a_chunk(1))
    assert not await chunks.suspect("b:1", "w", 15)
    assert await chunks.suspect("b:0", "w", 0)
    assert (await stored(chunks)).suspect == 0
    assert await chunks.suspect("b:0", "w", None)
    assert (await stored(chunks)).suspect is None


async def test_the_same_suspect_again_is_still_this_workers(chunks: ChunkStore) -> None:
    """A write that changes nothing has found its chunk all the same."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", NOW, after(60))
    assert [await chunks.suspect("b:0", "w", index) for index in (5, 5, None, None)] == [True] * 4


async def test_a_suspect_of_a_worker_that_claims_again_is_dropped(chunks: ChunkStore) -> None:
    """The process lives, so the image has done nothing to it."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", NOW, after(60))
    await chunks.suspect("b:0", "w", 5)
    claimed = await chunks.claim("b:0", "w", NOW, after(61))
    assert claimed is not None
    assert (claimed.suspect, claimed.losses, claimed.suspicions) == (None, 0, {})


async def test_unsettled_chunks_are_told_from_the_others(chunks: ChunkStore) -> None:
    """Held or free; neither settled ones nor ids that nobody knows."""
    await chunks.add([a_chunk(number) for number in range(4)])
    await settle(chunks, a_chunk(1))
    await chunks.claim("b:2", "w", NOW, after(60))
    found = await chunks.unsettled_among(["b:2", "b:1", "b:99", "b:0", "other:3"])
    assert sorted(found) == ["b:0", "b:2"]


async def test_only_ones_own_unsettled_chunks_are_renewed(chunks: ChunkStore) -> None:
    """A worker that has lost a chunk cannot lengthen its new owner's lease."""
    await chunks.add([a_chunk(number) for number in range(4)])
    for number, worker in ((0, "w"), (1, "other"), (2, "w")):
        await chunks.claim(f"b:{number}", worker, NOW, after(60))
    await settle(chunks, a_chunk(2))
    await chunks.renew(["b:0", "b:1", "b:2", "b:3", "b:99"], "w", after(90))
    leases = [(await stored(chunks, number)).lease_until for number in range(4)]
    assert leases == [after(90), after(60), after(60), after(60)]


async def test_a_chunk_handed_back_is_due_and_free(chunks: ChunkStore) -> None:
    """Its attempts stay and its suspect goes, which is no loss; another worker need not wait for the lease."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", NOW, after(60))
    await chunks.suspect("b:0", "w", 5)
    await chunks.release_claim("b:0", "w", after(10))
    freed = await stored(chunks)
    assert (freed.worker, freed.attempts, freed.lease_until, freed.suspect) == (None, 1, after(10), None)
    claimed = await chunks.claim("b:0", "other", NOW, after(60))
    assert claimed is not None
    assert (claimed.losses, claimed.suspicions) == (0, {})


async def test_retries_only_grow(chunks: ChunkStore) -> None:
    """Whoever hands back without a retry, or knows of fewer, leaves the count alone."""
    await chunks.add([a_chunk()])
    counts = []
    for retries in (0, 2, 1, 0, 3):
        await chunks.claim("b:0", "w", NOW, after(60))
        await chunks.release_claim("b:0", "w", after(10), retries=retries)
        counts.append((await stored(chunks)).retries)
    assert counts == [0, 2, 2, 2, 3]


async def test_a_chunk_in_a_backoff_is_nobodys_before_its_time(chunks: ChunkStore) -> None:
    """Not even for whoever had it, or believes to have found it lost; from the very moment on it is anybody's."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", NOW, after(60))
    await chunks.release_claim("b:0", "w", after(60), retries=1, not_before=after(9))
    resting = await stored(chunks)
    assert resting.not_before == after(9)
    for worker in ("w", "other"):
        assert await chunks.claim("b:0", worker, after(8.999), after(70)) is None
        assert await chunks.claim("b:0", worker, after(8.999), after(70), found_lost=resting) is None
    assert await stored(chunks) == resting
    claimed = await chunks.claim("b:0", "other", after(9), after(70))
    assert claimed is not None
    assert (claimed.worker, claimed.attempts, claimed.not_before) == ("other", 2, None)


async def test_a_hand_back_without_a_backoff_leaves_none_of_an_earlier_one(chunks: ChunkStore) -> None:
    """A worker that stops, or whose batch rests, parts with the chunk for anybody to take."""
    await chunks.add([a_chunk()])
    await chunks.claim("b:0", "w", NOW, after(60))
    await chunks.release_claim("b:0", "w", after(60), retries=1, not_before=after(9))
    await chunks.claim("b:0", "w", after(9), after(60))
    await chunks.release_claim("b:0", "w", after(60))
    assert (await stored(chunks)).not_before is None
    assert await chunks.claim("b:0", "other", NOW, after(60)) is not None


async def test_only_the_holder_can_hand_back(chunks: ChunkStore) -> None:
    """A late hand-back of a chunk that has moved on, settled or never was changes nothing."""
    await chunks.add([a_chunk(0), a_chunk(1)])
    for number in range(2):
        await chunks.claim(f"b:{number}", "w", NOW, after(60))
    await settle(chunks, a_chunk(1))
    before = [await stored(chunks, number) for number in range(2)]
    await chunks.release_claim("b:0", "other", after(10), retries=2)
    await chunks.release_claim("b:1", "w", after(10), retries=2)
    await chunks.release_claim("b:99", "w", after(10), retries=2)
    assert [await stored(chunks, number) for number in range(2)] == before


async def test_claims_and_outcomes_do_not_disturb_each_other(chunks: ChunkStore) -> None:
    """A fold keeps the lease and the suspect, a claim keeps the outcomes."""
    await chunks.add([a_chunk()])
    await asyncio.gather(
        chunks.claim("b:0", "w", NOW, after(60)),
        chunks.fold([Folding(chunk_id="b:0", outcomes={3: completed()})]),
        chunks.claim("b:0", "w", NOW, after(70)),
        chunks.fold([Folding(chunk_id="b:0", outcomes={4: completed()})]),
    )
    await chunks.suspect("b:0", "w", 5)
    await chunks.fold([Folding(chunk_id="b:0", outcomes={6: completed()})])
    chunk = await stored(chunks)
    assert (chunk.worker, chunk.attempts, chunk.suspect) == ("w", 2, 5)
    assert (chunk.completed, chunk.settled) == (3, False)
