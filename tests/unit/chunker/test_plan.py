from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from services.chunker.plan import first_images, images_to_retry, plan_chunk, releasable
from shared.documents import Batch, Chunk
from tests.fakes import START, new_batch
from tests.unit.chunker.stage import COMPLETED, FAILED


@given(total_images=st.integers(1, 500), chunk_size=st.integers(1, 60))
def test_every_image_is_in_exactly_one_chunk(total_images: int, chunk_size: int) -> None:
    """Conservation starts here: no image is left out or taken twice, whatever the sizes."""
    batch = new_batch(total_images=total_images, chunk_size=chunk_size)
    chunks = list(first_images(batch, range(batch.total_chunks)))
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
    positions = releasable(batch.model_copy(update={"released_chunks": released}), settled, window)
    assert positions.start == released
    assert positions.stop <= batch.total_chunks
    assert not positions or positions.stop - settled <= window


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("settle"), st.integers(0, 6), st.just(0)),
        st.tuples(st.just("release"), st.integers(0, 6), st.integers(1, 4)),
        st.tuples(st.just("release by one who is behind"), st.integers(0, 6), st.integers(1, 4)),
    ),
    max_size=30,
)
"""What happens to a batch: so many chunks settle, or a count that is so old releases at most so many."""


@given(total_images=st.integers(1, 120), chunk_size=st.integers(1, 12), window=st.integers(1, 6), steps=STEPS)
def test_any_course_of_releasing_and_settling_covers_each_image_once_within_the_window(
    total_images: int, chunk_size: int, window: int, steps: list[tuple[str, int, int]]
) -> None:
    """At every moment, with old counts, old batches and repeats: then everything is released, in order, once."""
    course = Course(new_batch(total_images=total_images, chunk_size=chunk_size), window)
    for kind, number, limit in steps:
        if kind == "settle":
            course.settle(number)
        else:
            course.release(number, limit, behind=number if kind.endswith("behind") else 0)
    images = list(chain.from_iterable(chunk.indexes for _, chunk in sorted(course.recorded.items())))
    assert images == list(range(len(images)))
    while course.batch.released_chunks < course.batch.total_chunks:
        course.settle(1)
        course.release(0, 3)
    chunks = [chunk for _, chunk in sorted(course.recorded.items())]
    assert list(chain.from_iterable(chunk.indexes for chunk in chunks)) == list(range(total_images))
    assert [chunk.number for chunk in chunks] == list(range(course.batch.total_chunks))
    assert {len(chunk.indexes) for chunk in chunks[:-1]} <= {chunk_size}
    assert 0 < len(chunks[-1].indexes) <= chunk_size


class Course:
    """A batch on its way through chunkers that release and workers that settle."""

    def __init__(self, batch: Batch, window: int) -> None:
        self.batch = batch
        self.recorded: dict[int, Chunk] = {}
        self._earlier = [batch]
        self._window = window
        self._settled = 0

    def settle(self, chunks: int) -> None:
        """Let some of the released chunks settle."""
        self._settled = min(self._settled + chunks, self.batch.released_chunks)

    def release(self, age: int, limit: int, behind: int = 0) -> None:
        """Release up to `limit` chunks, knowing a count and a batch that may be old."""
        known = self._earlier[max(0, len(self._earlier) - 1 - behind)]
        positions = releasable(known, max(0, self._settled - age), self._window)[:limit]
        assert positions.start == known.released_chunks
        for position, indexes in zip(positions, first_images(known, positions), strict=True):
            chunk = plan_chunk(known, position, indexes, START, 10)
            assert self.recorded.setdefault(chunk.number, chunk) == chunk
        self.batch = self.batch.released(max(positions.stop, known.released_chunks), START)
        self._earlier.append(self.batch)
        assert len(self.recorded) == self.batch.released_chunks
        assert self.batch.released_chunks - self._settled <= self._window


def test_a_chunk_is_planned_the_same_each_time() -> None:
    """Its id comes from the batch alone, so a second release records nothing new."""
    batch = new_batch(total_images=5, chunk_size=2)
    assert plan_chunk(batch, 2, [4], START, 10) == plan_chunk(batch, 2, [4], START, 10)
    assert (plan_chunk(batch, 2, [4], START, 10).id, plan_chunk(batch, 2, [4], START, 10).generation) == ("b:2", 0)


def test_a_later_generation_has_numbers_of_its_own() -> None:
    """No chunk of a retry can be taken for one of an earlier generation, released or not."""
    batch = new_batch(total_images=5, chunk_size=2).model_copy(update={"generation": 2, "first_chunk": 7})
    chunk = plan_chunk(batch, 2, [1, 4], START, 10)
    assert chunk.released_at == START
    assert (chunk.id, chunk.generation, chunk.indexes) == ("b:9", 2, (1, 4))


def test_what_an_earlier_generation_completed_is_not_retried() -> None:
    """Failed, revoked, unfinished and unreleased images are; what the present generation did is left out of account."""

    def chunk(number: int, generation: int, *indexes: int) -> Chunk:
        return Chunk(batch_id="b", number=number, generation=generation, indexes=indexes, lease_until=START)

    batch = new_batch(total_images=9).model_copy(update={"generation": 2})
    chunks = [
        chunk(0, 0, 0, 1, 2, 3).folded({0: COMPLETED, 1: FAILED}).revoke_rest(),
        chunk(1, 0, 4, 5),
        chunk(3, 1, 1, 4).folded({1: COMPLETED, 4: FAILED}),
        chunk(5, 2, 2, 3).folded({2: COMPLETED}),
    ]
    assert images_to_retry(batch, range(8), chunks) == [2, 3, 4, 5, 6, 7]
