from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from services.chunker.plan import chunk_indexes, plan_chunk, releasable
from tests.fakes import START, new_batch


@given(total_images=st.integers(1, 500), chunk_size=st.integers(1, 60))
def test_every_image_is_in_exactly_one_chunk(total_images: int, chunk_size: int) -> None:
    """Conservation starts here: no image is left out or taken twice, whatever the sizes."""
    batch = new_batch(total_images=total_images, chunk_size=chunk_size)
    chunks = [chunk_indexes(batch, number) for number in range(batch.total_chunks)]
    assert list(chain.from_iterable(chunks)) == list(range(total_images))
    assert all(0 < len(indexes) <= chunk_size for indexes in chunks)


@given(
    total_images=st.integers(1, 300),
    released=st.integers(0, 300),
    settled=st.integers(0, 300),
    window=st.integers(1, 40),
)
def test_the_window_is_never_exceeded_and_nothing_is_released_twice(
    total_images: int, released: int, settled: int, window: int
) -> None:
    """A small batch is not stuck behind a huge one; a stale count releases nothing again."""
    batch = new_batch(total_images=total_images, chunk_size=1)
    released = min(released, batch.total_chunks)
    numbers = releasable(batch.model_copy(update={"released_chunks": released}), settled, window)
    assert numbers.start == released
    assert numbers.stop <= batch.total_chunks
    assert not numbers or numbers.stop - settled <= window


def test_a_chunk_is_planned_the_same_each_time() -> None:
    """Its id and images come from the batch alone, so a second release records nothing new."""
    batch = new_batch(total_images=5, chunk_size=2)
    assert plan_chunk(batch, 2, START, 10) == plan_chunk(batch, 2, START, 10)
    assert plan_chunk(batch, 2, START, 10).id == "b:2"
    assert plan_chunk(batch, 2, START, 10).indexes == (4,)
