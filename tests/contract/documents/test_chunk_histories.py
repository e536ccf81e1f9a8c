"""Every store of chunks changes them exactly as their pure methods do, also those that an older version recorded."""

import uuid
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.documents import Chunk, ChunkTotals, Folding
from shared.ports import ChunkStore
from tests.contract.documents.examples import KEPT_STORE, NOW, a_chunk, after, completed, failed
from tests.contract.documents.one_chunk import PureChunk, StoredChunk, histories_of_calls, resolved


@settings(KEPT_STORE, max_examples=80)
@given(data=st.data(), is_old=st.booleans())
async def test_any_history_of_calls_changes_a_chunk_as_the_pure_methods_say(
    chunks: ChunkStore, as_of_old: Callable[[str], None], data: st.DataObject, *, is_old: bool
) -> None:
    """Call by call the same answer and the same document, whoever holds it, loses it or finds somebody else lost."""
    chunk = a_chunk(1, batch_id=uuid.uuid4().hex, size=4, due=2)
    await chunks.add([chunk])
    if is_old:
        as_of_old(chunk.batch_id)
    pure, stored = PureChunk(chunk), StoredChunk(chunks, chunk.id)
    seen = [chunk]
    for name, arguments in data.draw(histories_of_calls(chunk)):
        given_now = resolved(arguments, seen)
        expected = getattr(pure, name)(**given_now)
        assert await getattr(stored, name)(**given_now) == expected, name
        assert await chunks.get(chunk.id) == pure.chunk, name
        seen.append(pure.chunk)


HELD = a_chunk(size=3).claimed("old", after(60), NOW).model_copy(update={"claimed_at": None})
OLD_CHANGES: dict[str, Callable[[StoredChunk | PureChunk], object]] = {
    "claimed again": lambda c: c.claim("old", NOW, after(9), None),
    "claimed over another's lease": lambda c: c.claim("w", NOW, after(9), HELD),
    "taken back": lambda c: c.expire_claim("old", after(70)),
    "with a suspect": lambda c: c.suspect("old", 1),
    "handed back": lambda c: c.release_claim("old", after(9), 0, None),
    "handed back for a retry": lambda c: c.release_claim("old", after(9), 2, after(5)),
    "renewed": lambda c: c.renew("old", after(9)),
    "extended": lambda c: c.extend(after(9)),
    "folded": lambda c: c.fold([Folding(chunk_id="b:0", outcomes={1: completed()})], after(3)),
    "given up": lambda c: c.fold([Folding(chunk_id="b:0", abandoned=failed())], after(3)),
    "cut off": lambda c: c.revoke_rest(after(3)),
}
"""Each way in which a chunk may change that is in the hands of an older worker."""


@pytest.mark.parametrize("change", OLD_CHANGES.values(), ids=OLD_CHANGES)
async def test_a_chunk_of_an_older_version_changes_like_any_other(
    chunks: ChunkStore,
    as_of_old: Callable[[str], None],
    change: Callable[[StoredChunk | PureChunk], object],
) -> None:
    """It lacks the fields that came later; they begin at nothing, by whatever it is changed first."""
    await chunks.add([HELD])
    as_of_old("b")
    assert await chunks.get("b:0") == HELD
    pure, stored = PureChunk(HELD), StoredChunk(chunks, "b:0")
    expected, answer = change(pure), change(stored)
    assert await answer == expected  # type: ignore[misc]  # a store's answers have to be waited for
    assert await chunks.get("b:0") == pure.chunk


async def test_chunks_of_an_older_version_are_found_and_counted_like_others(
    chunks: ChunkStore, as_of_old: Callable[[str], None]
) -> None:
    """Settled or not, free or held: a rolling update loses sight of none, and their sums have nothing revoked."""
    held = a_chunk(3).claimed("old", after(60), NOW)
    await chunks.add([a_chunk(0), a_chunk(1), a_chunk(2), held])
    ends = {index: completed() if index else failed() for index in range(30)}
    await chunks.fold([Folding(chunk_id=f"b:{number}", outcomes=ends) for number in (0, 1)])
    await chunks.fold([Folding(chunk_id="b:2", outcomes={20: failed()})])
    as_of_old("b")
    totals = await chunks.totals("b", 0, 0)
    counted = ChunkTotals(completed_images=19, failed_images=2, completed_chunks=2)
    assert totals.model_copy(update={"failure_codes": counted.failure_codes}) == counted
    assert sum(totals.failure_codes.values()) == 2
    assert list(await chunks.unsettled("b", 0, 9)) == ["b:2", "b:3"]
    assert sorted(await chunks.unsettled_among([f"b:{number}" for number in range(5)])) == ["b:2", "b:3"]
    assert [chunk.number for chunk in await chunks.unclaimed_of("b", 0, NOW, 9)] == [2]
    assert await chunks.unclaimed("normal", NOW) == 1
    assert await chunks.first_unsettled("b", 0, 0) == 2
    assert sorted(chunk.number for chunk in await chunks.overdue(after(60), 9)) == [2, 3]
    await chunks.revoke_rest(["b:2"])
    assert (await chunks.totals("b", 0, 0)).revoked_chunks == 1


async def test_the_losses_of_a_chunk_of_an_older_version_are_counted_from_its_first(
    chunks: ChunkStore, as_of_old: Callable[[str], None]
) -> None:
    """Loss after loss, with and without a suspect."""
    await chunks.add([a_chunk(size=3)])
    as_of_old("b")
    suspects: list[int | None] = [None, 1, 1, None, 2]
    for number, suspect in enumerate(suspects):
        assert await chunks.claim("b:0", f"w{number}", NOW, after(60), found_lost=await chunks.get("b:0")) is not None
        if suspect is not None:
            assert await chunks.suspect("b:0", f"w{number}", suspect)
    chunk = await chunks.claim("b:0", "last", NOW, after(60), found_lost=await chunks.get("b:0"))
    assert isinstance(chunk, Chunk)
    assert (chunk.losses, chunk.suspicions, chunk.unexplained_losses) == (5, {"1": 2, "2": 1}, 2)
