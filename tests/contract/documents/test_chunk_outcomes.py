"""What every store of chunks promises the tracker: outcomes folded once, and sums that are true."""

import asyncio
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.documents import Chunk, ChunkTotals, Folding
from shared.ports import ChunkStore
from tests.contract.documents.examples import a_chunk, after_history, completed, failed, histories

KEPT_STORE = settings(
    max_examples=40,
    deadline=None,  # a database's time is not ours to judge
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example has a batch of its own
)


async def stored(chunks: ChunkStore, chunk: Chunk) -> Chunk:
    """The chunk as it now is."""
    [found] = await chunks.overlapping(chunk.batch_id, chunk.indexes[0], 1)
    return found


@KEPT_STORE
@given(data=st.data(), together=st.booleans())
async def test_any_history_folds_as_the_pure_methods_say(
    chunks: ChunkStore, data: st.DataObject, *, together: bool
) -> None:
    """Each store computes exactly what `Chunk.folded` and `Chunk.abandoned` do, in one call or in many."""
    chunk = a_chunk(1, batch_id=uuid.uuid4().hex, size=3)
    history = data.draw(histories(chunk.indexes, chunk.id))
    await chunks.add([chunk])
    for foldings in [history] if together else [[folding] for folding in history]:
        await chunks.fold(foldings)
    assert await stored(chunks, chunk) == after_history(chunk, history)


@KEPT_STORE
@given(data=st.data())
async def test_rival_trackers_agree_on_one_state(chunks: ChunkStore, data: st.DataObject) -> None:
    """Whichever of two comes first, each image has one of its outcomes and the counts fit them."""
    chunk = a_chunk(1, batch_id=uuid.uuid4().hex, size=3)
    rivals = data.draw(st.lists(histories(chunk.indexes, chunk.id), min_size=2, max_size=3))
    await chunks.add([chunk])
    await asyncio.gather(*(chunks.fold(history) for history in rivals))
    found = await stored(chunks, chunk)
    orders = [[one for history in order for one in history] for order in (rivals, rivals[::-1])]
    ends = {len(after_history(chunk, history).outcomes) for history in orders}
    assert {len(found.outcomes)} == ends
    assert found.completed == sum(outcome.state == "completed" for outcome in found.outcomes.values())
    assert found.completed + found.failed == len(found.outcomes)
    assert found.settled == (set(found.outcomes) == {str(index) for index in chunk.indexes})


async def test_concurrent_folds_of_the_same_images_count_each_once(chunks: ChunkStore) -> None:
    """Ten trackers with the same ten results, some of them in conflict, make ten ended images."""
    await chunks.add([a_chunk()])
    for_all = [dict.fromkeys(range(10), completed(f"w{n}") if n % 2 else failed(f"w{n}")) for n in range(10)]
    await asyncio.gather(*(chunks.fold([Folding(chunk_id="b:0", outcomes=learnt)]) for learnt in for_all))
    chunk = await stored(chunks, a_chunk())
    assert (chunk.completed + chunk.failed, chunk.settled, chunk.gave_up) == (10, True, False)
    assert chunk.outcomes in [{str(i): o for i, o in learnt.items()} for learnt in for_all]


async def test_unknown_chunks_are_ignored_and_logged(chunks: ChunkStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A result for a chunk that was never recorded does not keep the others from being folded."""
    await chunks.add([a_chunk()])
    await chunks.fold([Folding(chunk_id=f"b:{number}", outcomes={0: completed()}) for number in (7, 0)])
    assert (await stored(chunks, a_chunk())).completed == 1
    logged = capsys.readouterr().out
    assert "outcomes_of_unknown_chunks" in logged
    assert "b:7" in logged


async def test_totals_sum_a_range_of_one_generation(chunks: ChunkStore) -> None:
    """Completed, failed and given-up chunks each count where they belong; other batches and generations do not."""
    await chunks.add([a_chunk(number, size=2) for number in range(5)])
    await chunks.add([a_chunk(0, size=2, batch_id="other"), a_chunk(5, size=2, generation=1)])
    everything = {index: completed() for index in range(12)}
    await chunks.fold(
        [
            Folding(chunk_id="b:0", outcomes=everything),
            Folding(chunk_id="b:1", outcomes={2: completed(), 3: failed()}),
            Folding(chunk_id="b:2", outcomes={4: completed()}, abandoned=failed()),
            Folding(chunk_id="b:3", outcomes={6: completed()}),
            Folding(chunk_id="b:5", outcomes=everything),
            Folding(chunk_id="other:0", outcomes=everything),
        ]
    )
    assert await chunks.totals("b", 0, 0) == ChunkTotals(
        completed_images=5, failed_images=2, completed_chunks=2, failed_chunks=1
    )
    assert await chunks.totals("b", 0, 1, 3) == ChunkTotals(
        completed_images=2, failed_images=2, completed_chunks=1, failed_chunks=1
    )
    assert await chunks.totals("b", 1, 0) == ChunkTotals(completed_images=2, completed_chunks=1)
    assert await chunks.totals("b", 0, 2, 2) == ChunkTotals()
    assert await chunks.totals("nobody", 0, 0) == ChunkTotals()


async def test_the_first_unsettled_chunk_is_found(chunks: ChunkStore) -> None:
    """Gaps, other generations and settled chunks are passed over."""
    await chunks.add([a_chunk(number, size=1) for number in (0, 1, 3, 4)])
    await chunks.add([a_chunk(2, size=1, generation=1)])
    assert await chunks.first_unsettled("b", 0, 0) == 0
    await chunks.fold([Folding(chunk_id=f"b:{number}", outcomes={number: completed()}) for number in (0, 3)])
    await chunks.fold([Folding(chunk_id="b:1", abandoned=failed())])
    assert await chunks.first_unsettled("b", 0, 0) == 4
    assert await chunks.first_unsettled("b", 0, 5) is None
    assert await chunks.first_unsettled("b", 1, 0) == 2
    assert await chunks.first_unsettled("nobody", 0, 0) is None


async def test_chunks_are_found_by_their_images_oldest_first(chunks: ChunkStore) -> None:
    """A later generation's chunk, whose images may lie far apart, comes after those it repeats."""
    scattered = a_chunk(300).model_copy(update={"generation": 1, "indexes": (5, 1234, 2990)})
    await chunks.add([a_chunk(number) for number in range(300)])
    await chunks.add([scattered, a_chunk(0, batch_id="other")])

    async def numbers(first: int, count: int) -> list[int]:
        return [chunk.number for chunk in await chunks.overlapping("b", first, count)]

    assert await numbers(0, 10) == [0, 300]
    assert await numbers(9, 2) == [0, 1]
    assert await numbers(995, 10) == [99, 100]
    assert await numbers(1234, 1) == [123, 300]
    assert await numbers(1235, 1750) == [*range(123, 299)]
    assert await numbers(2990, 1000) == [299, 300]
    assert await numbers(3000, 10) == []
    assert await numbers(5, 0) == []
