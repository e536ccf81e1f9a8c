"""Parts of answers are cut from whatever pieces the whole comes in."""

from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.answers.byte_ranges import ByteRange


async def given_out(pieces: Sequence[bytes], taken: list[bytes]) -> AsyncIterator[bytes]:
    """The pieces one after the other, noted as they are taken."""
    for piece in pieces:
        taken.append(piece)
        yield piece


@given(pieces=st.lists(st.binary(max_size=9), min_size=1, max_size=9), data=st.data())
async def test_any_part_of_any_pieces_is_cut_exactly(pieces: list[bytes], data: st.DataObject) -> None:
    """However the whole is divided."""
    whole = b"".join(pieces)
    first = data.draw(st.integers(0, max(len(whole) - 1, 0)))
    part = ByteRange(first, data.draw(st.integers(first, max(len(whole) - 1, first))))
    cut = b"".join([piece async for piece in part.cut(given_out(pieces, []))])
    assert cut == whole[part.first : part.last + 1]


@pytest.mark.parametrize(("part", "count"), [(ByteRange(0, 0), 1), (ByteRange(3, 5), 2), (ByteRange(6, 8), 3)])
async def test_nothing_is_read_behind_a_part(part: ByteRange, count: int) -> None:
    """The start of a huge file costs no more than it has bytes."""
    taken: list[bytes] = []
    async for _ in part.cut(given_out([b"abc", b"def", b"ghi", b"jkl"], taken)):
        pass
    assert len(taken) == count
