"""What every store of chunks promises those who show many images at once."""

from shared.documents import REVOKED, ColourShare, Folding, Original, Outcome, Readings
from shared.ports import ChunkStore
from tests.contract.documents.examples import a_chunk, completed, failed


def tile(outcome: Outcome) -> tuple[object, ...]:
    """What a sketch has to say of an outcome."""
    original = outcome.original
    readings = original.readings if original else None
    pixels = (original.width, original.height, original.format) if original else None
    shown = (readings.blurhash, next(iter(readings.colours), None)) if readings else (None, None)
    return outcome.state, outcome.code, outcome.prints, pixels, shown


async def test_a_sketch_has_what_a_small_picture_needs(chunks: ChunkStore) -> None:
    """Of every image in the range, whatever was recorded of it, and of every generation that has one of them."""
    colours = (ColourShare(colour="#8a5a2b", share=0.4), ColourShare(colour="#ffffff", share=0.1))
    rich = Readings(exif={"Make": "$ACME"}, colours=colours, blurhash="LEHV6nWB2yk8")
    plain = Original(width=4, height=3, format="jpeg")
    outcomes = {
        0: completed(),
        1: completed().model_copy(update={"original": plain.model_copy(update={"readings": rich})}),
        2: completed().model_copy(update={"original": plain, "prints": ()}),
        3: failed(),
        4: REVOKED,
        7: completed(),
    }
    await chunks.add([a_chunk(0), a_chunk(1), a_chunk(2, generation=1).model_copy(update={"indexes": (3,)})])
    await chunks.fold([Folding(chunk_id="b:0", outcomes=outcomes), Folding(chunk_id="b:2", outcomes={3: completed()})])
    [first, retried] = await chunks.sketched("b", 0, 6)
    assert (first.number, first.generation, retried.number, retried.generation) == (0, 0, 2, 1)
    for index in range(5):
        assert tile(first.outcomes[str(index)]) == tile(outcomes[index])
    assert tile(retried.outcomes["3"]) == tile(completed())
    assert "5" not in first.outcomes
    assert [chunk.number for chunk in await chunks.sketched("b", 9, 2)] == [0, 1]
