"""What every store of chunks promises the tracker: outcomes folded once, and sums that are true."""

import asyncio
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents import REVOKED, UNRECORDED, Chunk, ChunkTotals, Folding
from shared.ports import ChunkStore
from tests.contract.documents.examples import (
    KEPT_STORE,
    NOW,
    a_chunk,
    after,
    after_history,
    completed,
    failed,
    histories,
)
from tests.fakes import until


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


async def test_a_chunk_that_is_whole_at_once_is_as_if_its_outcomes_had_come_one_by_one(chunks: ChunkStore) -> None:
    """In its document, its sums and its causes, in time, and when all come again."""
    found = {index: completed() if index % 3 else failed(code=f"code {index % 2}") for index in range(10)}
    elsewhere = {index + 10: outcome for index, outcome in found.items()}
    await chunks.add([a_chunk(0), a_chunk(1)])
    for again in range(2):
        await chunks.fold([Folding(chunk_id="b:0", outcomes=found, chunk_images=10)], after(1 + again))
    for index, outcome in elsewhere.items():
        await chunks.fold([Folding(chunk_id="b:1", outcomes={index: outcome}, chunk_images=10)], after(1))
    at_once, one_by_one = await stored(chunks, a_chunk(0)), await stored(chunks, a_chunk(1))
    assert at_once == a_chunk(0).folded(found, after(1))
    same = {"number", "indexes", "outcomes"}
    assert at_once.model_dump(exclude=same) == one_by_one.model_dump(exclude=same)
    assert await chunks.totals("b", 0, 0, 1) == await chunks.totals("b", 0, 1, 2)
    assert [chunk.number for chunk in await chunks.failing("b", "code 0", 9)] == [1, 0]


async def test_outcomes_that_only_claim_to_be_whole_settle_nothing(chunks: ChunkStore) -> None:
    """Strange images, too few of them, and those of a chunk that has some outcomes already."""
    await chunks.add([a_chunk(0), a_chunk(1)])
    strange = dict.fromkeys(range(1, 11), completed())
    await chunks.fold([Folding(chunk_id="b:0", outcomes=strange, chunk_images=10)])
    assert (await stored(chunks, a_chunk(0))).unfinished_indexes == (0,)
    await chunks.fold([Folding(chunk_id="b:1", outcomes={12: failed()})])
    await chunks.fold([Folding(chunk_id="b:1", outcomes=dict.fromkeys(range(10, 20), completed()), chunk_images=10)])
    late = await stored(chunks, a_chunk(1))
    assert (late.completed, late.failed, late.settled) == (9, 1, True)
    await chunks.fold([Folding(chunk_id="b:0", outcomes={0: completed(), 1: failed()}, chunk_images=2)])
    assert (await stored(chunks, a_chunk(0))).completed == 10


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
            Folding(chunk_id="b:2", outcomes={4: completed()}, abandoned=failed(code="$away.now")),
            Folding(chunk_id="b:3", outcomes={6: completed()}),
            Folding(chunk_id="b:5", outcomes=everything),
            Folding(chunk_id="other:0", outcomes=everything),
        ]
    )
    codes = {"unreadable": 1, "$away.now": 1}
    assert await chunks.totals("b", 0, 0) == ChunkTotals(
        completed_images=5, failed_images=2, failure_codes=codes, completed_chunks=2, failed_chunks=1
    )
    assert await chunks.totals("b", 0, 1, 3) == ChunkTotals(
        completed_images=2, failed_images=2, failure_codes=codes, completed_chunks=1, failed_chunks=1
    )
    assert await chunks.totals("b", 1, 0) == ChunkTotals(completed_images=2, completed_chunks=1)
    assert await chunks.totals("b", 0, 2, 2) == ChunkTotals()
    assert await chunks.totals("nobody", 0, 0) == ChunkTotals()


async def test_what_is_cut_off_has_its_other_images_revoked(chunks: ChunkStore) -> None:
    """Outcomes stay, the rest is revoked, and the chunk is settled for ever: late results change nothing."""
    await chunks.add([a_chunk(number, size=3) for number in range(4)])
    await chunks.claim("b:0", "w", NOW, after(60))
    await chunks.fold([Folding(chunk_id="b:0", outcomes={0: completed(), 1: failed()})])
    await chunks.fold([Folding(chunk_id="b:1", outcomes=dict.fromkeys(range(3, 6), completed()))])
    settled = await stored(chunks, a_chunk(1, size=3))
    await chunks.revoke_rest(["b:0", "b:1", "b:2", "b:99"])
    first = await stored(chunks, a_chunk(0, size=3))
    assert first.outcomes == {"0": completed(), "1": failed(), "2": REVOKED}
    assert (first.completed, first.failed, first.revoked, first.settled, first.gave_up) == (1, 1, 1, True, False)
    assert await stored(chunks, a_chunk(1, size=3)) == settled
    third = await stored(chunks, a_chunk(2, size=3))
    assert (third.revoked, third.settled, third.gave_up) == (3, True, False)
    assert await stored(chunks, a_chunk(3, size=3)) == a_chunk(3, size=3)
    await chunks.fold([Folding(chunk_id="b:2", outcomes={6: completed()}, abandoned=failed())])
    await chunks.revoke_rest(["b:2"])
    assert await stored(chunks, a_chunk(2, size=3)) == third


async def test_the_moment_at_which_a_chunk_settles_stays(chunks: ChunkStore) -> None:
    """It is recorded with the last outcome, and repetitions come later."""
    await chunks.add([a_chunk(number, size=2) for number in range(3)])
    everything = {index: completed() for index in range(6)}
    await chunks.fold([Folding(chunk_id="b:0", outcomes={0: completed()})], after(1))
    assert (await stored(chunks, a_chunk(0, size=2))).settled_at is None
    await chunks.fold([Folding(chunk_id="b:0", outcomes=everything)], after(2))
    await chunks.fold([Folding(chunk_id="b:1", abandoned=failed())], after(3))
    await chunks.revoke_rest(["b:2"], after(4))
    for moment in (after(5), None):
        await chunks.fold([Folding(chunk_id=f"b:{number}", outcomes=everything) for number in range(3)], moment)
        await chunks.revoke_rest(["b:0", "b:1", "b:2"], moment)
    settled = [(await stored(chunks, a_chunk(number, size=2))).settled_at for number in range(3)]
    assert settled == [after(2), after(3), after(4)]


async def test_a_chunk_that_was_given_up_is_not_revoked(chunks: ChunkStore) -> None:
    """Every image of it had an outcome already."""
    await chunks.add([a_chunk()])
    await chunks.fold([Folding(chunk_id="b:0", abandoned=failed())])
    given_up = await stored(chunks, a_chunk())
    await chunks.revoke_rest(["b:0"])
    assert await stored(chunks, a_chunk()) == given_up


async def test_rivals_that_fold_and_cut_off_give_each_image_one_end(chunks: ChunkStore) -> None:
    """Results on their way meet the end of their batch: each image is one or the other, and the counts fit."""
    await chunks.add([a_chunk()])
    results = [Folding(chunk_id="b:0", outcomes={index: completed()}) for index in range(10)]
    cuts = (chunks.revoke_rest(["b:0"]) for _ in range(3))
    await asyncio.gather(*(chunks.fold([result]) for result in results[:5]), *cuts, chunks.fold(results[5:]))
    chunk = await stored(chunks, a_chunk())
    assert (chunk.completed + chunk.revoked, chunk.failed, chunk.settled) == (10, 0, True)
    states = [outcome.state for outcome in chunk.outcomes.values()]
    assert (states.count("completed"), states.count("revoked")) == (chunk.completed, chunk.revoked)


async def test_unsettled_chunks_of_a_generation_come_lowest_first(chunks: ChunkStore) -> None:
    """Claimed or not; settled ones, however they settled, other generations and other batches do not come."""
    await chunks.add([a_chunk(number) for number in (12, 3, 1, 4, 2, 0)])
    await chunks.add([a_chunk(5, generation=1), a_chunk(1, batch_id="other")])
    await chunks.claim("b:2", "w", NOW, after(9))
    await chunks.fold([Folding(chunk_id="b:0", outcomes=dict.fromkeys(range(10), completed()))])
    await chunks.fold([Folding(chunk_id="b:1", abandoned=failed())])
    await chunks.revoke_rest(["b:3"])
    assert list(await chunks.unsettled("b", 0, 9)) == ["b:2", "b:4", "b:12"]
    assert list(await chunks.unsettled("b", 0, 2)) == ["b:2", "b:4"]
    assert list(await chunks.unsettled("b", 0, 0)) == []
    assert list(await chunks.unsettled("b", 1, 9)) == ["b:5"]
    assert list(await chunks.unsettled("nobody", 0, 9)) == []


async def test_what_is_not_unsettled_any_more_is_in_the_sums(chunks: ChunkStore) -> None:
    """Who ends a batch revokes what is unsettled and counts the rest: no chunk may be in neither for a moment."""
    await chunks.add([a_chunk(number) for number in range(50)])
    for number in range(50):
        outcomes = dict.fromkeys(a_chunk(number).indexes, completed())
        folding = asyncio.create_task(chunks.fold([Folding(chunk_id=f"b:{number}", outcomes=outcomes)]))

        async def is_settled(chunk_id: str = f"b:{number}") -> bool:
            return chunk_id not in await chunks.unsettled("b", 0, 50)

        await until(is_settled)
        assert (await chunks.totals("b", 0, 0)).completed_chunks == number + 1
        await folding


async def test_a_generation_is_in_hand_while_a_worker_holds_an_unsettled_chunk_of_it(chunks: ChunkStore) -> None:
    """Not by a lease of nobody, one that is over, another generation, another batch, or a chunk that has settled."""
    await chunks.add([*(a_chunk(number) for number in range(3)), a_chunk(3, generation=1), a_chunk(batch_id="other")])

    async def held(seconds: float, generation: int = 0) -> bool:
        return await chunks.in_hand("b", generation, after(seconds))

    assert not await held(0)
    await chunks.claim("other:0", "w", NOW, after(60))
    await chunks.claim("b:3", "w", NOW, after(60))
    assert (await held(0), await held(0, 1)) == (False, True)
    await chunks.claim("b:1", "$w", NOW, after(30))
    assert [await held(seconds) for seconds in (0, 29.999, 30, 31)] == [True, True, False, False]
    await chunks.renew(["b:1"], "$w", after(40))
    assert await held(31)
    await chunks.release_claim("b:1", "$w", after(90))
    assert not await held(0)
    await chunks.claim("b:2", "w", NOW, after(60))
    await chunks.fold([Folding(chunk_id="b:2", outcomes={20: completed()})])
    assert await held(0)
    await chunks.fold([Folding(chunk_id="b:2", outcomes=dict.fromkeys(range(21, 30), completed()))])
    assert not await held(0)
    assert not await chunks.in_hand("nobody", 0, after(0))


async def test_totals_tell_what_was_revoked(chunks: ChunkStore) -> None:
    """A chunk with a revoked image is neither completed nor failed, and counts once it is settled, as all do."""
    await chunks.add([a_chunk(number, size=2) for number in range(6)])
    await chunks.fold(
        [
            Folding(chunk_id="b:0", outcomes={0: completed(), 1: completed()}),
            Folding(chunk_id="b:1", outcomes={2: completed()}),
            Folding(chunk_id="b:2", outcomes={4: failed()}),
            Folding(chunk_id="b:4", outcomes={8: completed()}),
            Folding(chunk_id="b:5", abandoned=failed()),
        ]
    )
    await chunks.revoke_rest(["b:1", "b:2", "b:3"])
    totals = await chunks.totals("b", 0, 0)
    images = {"completed_images": 4, "failed_images": 3, "revoked_images": 4, "failure_codes": {"unreadable": 3}}
    assert totals == ChunkTotals(**images, completed_chunks=1, failed_chunks=1, revoked_chunks=3)
    assert totals.settled_chunks == 5
    assert await chunks.totals("b", 0, 2, 4) == ChunkTotals(
        failed_images=1, failure_codes={"unreadable": 1}, revoked_images=3, revoked_chunks=2
    )


async def test_failures_are_counted_by_code_over_many_chunks(chunks: ChunkStore) -> None:
    """Whatever the codes are called, and images without one as well; together they are the failed images."""
    codes = ["unreadable", "timeout", None, "$settled", "a.b", "unreadable"]
    await chunks.add([a_chunk(number, size=4) for number in range(30)])
    for number in range(0, 30, 2):
        outcomes = {number * 4 + i: failed(code=codes[(number + i) % 6]) for i in range(3)}
        await chunks.fold([Folding(chunk_id=f"b:{number}", outcomes=outcomes)])
    totals = await chunks.totals("b", 0, 0)
    assert totals.failure_codes == {"unreadable": 15, UNRECORDED: 10, "timeout": 5, "$settled": 5, "a.b": 10}
    assert totals.failed_images == sum(totals.failure_codes.values()) == 45


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


async def test_chunks_of_an_earlier_version_are_found_by_their_images(
    chunks: ChunkStore, as_of_old: Callable[[str], None]
) -> None:
    """Beside those of this version: in an upgrade both record chunks of one batch."""
    await chunks.add([a_chunk(number) for number in range(15)])
    as_of_old("b")
    await chunks.add([a_chunk(number) for number in range(15, 30)])
    for first, count, found in ((0, 10, [0]), (95, 10, [9, 10]), (145, 10, [14, 15]), (205, 1, [20])):
        assert [chunk.number for chunk in await chunks.overlapping("b", first, count)] == found
