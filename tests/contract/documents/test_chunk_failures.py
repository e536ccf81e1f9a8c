"""What every store of chunks promises those who ask why images failed."""

from shared.documents import Folding, Outcome
from shared.ports import ChunkStore
from tests.contract.documents.examples import a_chunk, completed


def failed(code: str) -> Outcome:
    """An image that failed with that code."""
    return Outcome(state="failed", code=code, message="no image")


async def numbers(chunks: ChunkStore, code: str, limit: int = 9) -> list[int]:
    """The chunks of the example batch with that cause."""
    return [chunk.number for chunk in await chunks.failing("b", code, limit)]


async def test_chunks_are_found_by_why_their_images_failed(chunks: ChunkStore) -> None:
    """The latest first, of every generation; a completed image has no cause."""
    await chunks.add([*(a_chunk(number) for number in range(4)), a_chunk(4, generation=1), a_chunk(0, batch_id="c")])
    learnt: list[tuple[str, dict[int, Outcome]]] = [
        ("b:0", {0: failed("unreadable"), 1: failed("timeout"), 2: completed()}),
        ("b:1", {10: completed()}),
        ("b:2", {20: failed("unreadable"), 21: failed("unreadable"), 22: completed().model_copy(update={"code": "x"})}),
        ("b:4", {40: failed("unreadable"), 41: failed("$settled")}),
        ("c:0", {0: failed("timeout")}),
    ]
    await chunks.fold([Folding(chunk_id=id_, outcomes=outcomes) for id_, outcomes in learnt])
    assert await numbers(chunks, "unreadable") == [4, 2, 0]
    assert await numbers(chunks, "unreadable", 2) == [4, 2]
    assert await numbers(chunks, "unreadable", 0) == []
    assert await numbers(chunks, "timeout") == [0]
    assert await numbers(chunks, "$settled") == [4]
    assert await numbers(chunks, "x") == []
    [chunk] = await chunks.failing("b", "timeout", 9)
    assert chunk.indexes_failed_with("timeout") == (1,)
    [_, chunk, _] = await chunks.failing("b", "unreadable", 9)
    assert chunk.indexes_failed_with("unreadable") == (20, 21)


async def test_a_chunk_that_was_given_up_is_found_by_its_cause(chunks: ChunkStore) -> None:
    """And once more images fail in it, by every one."""
    await chunks.add([a_chunk()])
    await chunks.fold([Folding(chunk_id="b:0", outcomes={0: failed("timeout")})])
    await chunks.fold([Folding(chunk_id="b:0", abandoned=failed("storage_unavailable"))])
    assert await numbers(chunks, "timeout") == await numbers(chunks, "storage_unavailable") == [0]
    [chunk] = await chunks.failing("b", "storage_unavailable", 9)
    assert chunk.indexes_failed_with("storage_unavailable") == tuple(range(1, 10))
