import random
from collections.abc import Sequence
from itertools import chain

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chunker.plan import plan_chunk
from services.chunker.retries import next_images_to_retry
from shared.adapters.memory_chunks import MemoryChunks
from shared.documents import Chunk
from shared.messaging.messages import BatchSubmitted
from tests.fakes import START, Crash, CrashError, new_batch
from tests.unit.chunker.stage import COMPLETED, FAILED, SUBMITTED, Stage, settled


def images(chunks: Sequence[Chunk]) -> list[int]:
    """The images of chunks in the order of the chunks."""
    return list(chain.from_iterable(chunk.indexes for chunk in chunks))


async def test_a_retry_has_exactly_the_images_that_failed() -> None:
    """In full chunks but the last, numbered on from the generation before, each published."""
    stage = Stage(window_chunks=10)
    await stage.documents.batches.add(new_batch(total_images=12, chunk_size=2))
    await stage.release_all()
    batch = await stage.end(failed=[1, 2, 7, 9, 11])
    assert (batch.status, batch.completed_images, batch.failed_images) == ("FAILURE", 7, 5)
    await stage.retry()
    stage.publisher.published.clear()
    await stage.handlers.work([BatchSubmitted(batch_id="b", generation=1)])
    chunks = await stage.chunks(generation=1)
    assert [(chunk.number, chunk.indexes) for chunk in chunks] == [(6, (1, 2)), (7, (7, 9)), (8, (11,))]
    assert stage.published() == [6, 7, 8]
    batch = await stage.batch()
    assert (batch.status, batch.released_chunks, batch.total_chunks) == ("STARTED", 3, 3)


async def test_a_retry_after_cancel_takes_the_images_that_were_never_released() -> None:
    """Revoked in a chunk or in none makes no difference; what had failed before the cancel is retried as well."""
    stage = Stage(window_chunks=2)
    await stage.documents.batches.add(new_batch(total_images=12, chunk_size=2))
    await stage.handlers.work([SUBMITTED])
    batch = await stage.end(failed=[0], revoked=[3])
    assert (batch.status, batch.completed_images, batch.failed_images, batch.revoked_images) == ("REVOKED", 2, 1, 9)
    await stage.retry()
    await stage.release_all()
    assert images(await stage.chunks(generation=1)) == [0, 3, *range(4, 12)]
    assert (await stage.batch()).released_chunks == (await stage.batch()).total_chunks


async def test_a_retry_of_a_batch_cancelled_before_its_first_chunk_takes_every_image() -> None:
    """The numbers of the chunks that were never released stay free for ever."""
    stage = Stage(window_chunks=2)
    await stage.documents.batches.add(new_batch(total_images=5, chunk_size=2))
    batch = await stage.end()
    assert (batch.status, batch.revoked_images) == ("REVOKED", 5)
    await stage.retry()
    await stage.release_all()
    assert [chunk.number for chunk in await stage.chunks()] == [3, 4, 5]
    assert images(await stage.chunks()) == [0, 1, 2, 3, 4]


async def test_a_retry_of_a_retry_takes_what_neither_completed() -> None:
    """Each generation adds its completed images to those that are never done again."""
    stage = Stage(window_chunks=10)
    await stage.documents.batches.add(new_batch(total_images=12, chunk_size=2))
    for failed in ([0, 1, 5, 6, 11], [1, 6, 11], [6]):
        await stage.release_all()
        batch = await stage.end(failed=failed)
        assert (batch.completed_images, batch.failed_images) == (12 - len(failed), len(failed))
        await stage.retry()
    await stage.release_all()
    assert [(chunk.number, chunk.indexes) for chunk in await stage.chunks(generation=3)] == [(11, (6,))]
    assert (await stage.end()).status == "SUCCESS"


async def test_a_batch_with_nothing_to_retry_stays_as_it_is() -> None:
    """A stray message about it releases nothing."""
    stage = Stage()
    await stage.documents.batches.add(new_batch(total_images=4, chunk_size=2))
    await stage.release_all()
    done = await stage.end()
    assert await stage.retry() == done
    stage.publisher.published.clear()
    await stage.handlers.work([BatchSubmitted(batch_id="b", generation=1)])
    assert (stage.published(), await stage.batch()) == ([], done)


async def test_a_chunker_of_the_generation_before_leaves_the_present_one_alone() -> None:
    """It read the batch, was held up, and goes on after a cancel and a retry: chunks are recorded, none counted."""
    stage = Stage(window_chunks=2)
    await stage.documents.batches.add(new_batch(total_images=8, chunk_size=2))
    slow = await stage.batch()
    await stage.end()
    retried = await stage.retry()
    await stage.handlers.releases.release(slow, range(2), 0)
    assert await stage.batch() == retried
    assert [chunk.number for chunk in await stage.chunks(generation=0)] == [0, 1]
    await stage.release_all()
    assert images(await stage.chunks(generation=1)) == list(range(8))


async def test_a_generation_reads_the_batch_once_however_many_windows_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each window goes on where the last ended: releasing one failed image in a thousand must not be quadratic."""
    stage = Stage(window_chunks=2, stretch_images=100)
    await stage.documents.batches.add(new_batch(total_images=3000, chunk_size=30))
    stage.settings = stage.settings.model_copy(update={"window_chunks": 100})
    await stage.crashing(Crash(-1, "before")).work([SUBMITTED])
    await stage.end(failed=range(0, 3000, 10))
    await stage.retry()
    reads: list[tuple[int, int]] = []
    overlapping = stage.documents.chunks.overlapping

    async def noted(batch_id: str, first: int, count: int) -> Sequence[Chunk]:
        reads.append((first, count))
        return await overlapping(batch_id, first, count)

    monkeypatch.setattr(stage.documents.chunks, "overlapping", noted)
    await stage.release_all()
    monkeypatch.undo()
    assert images(await stage.chunks(generation=1)) == list(range(0, 3000, 10))
    assert max(count for _, count in reads) == 100
    assert sum(count for _, count in reads) <= 2 * 3000


async def test_no_more_images_are_found_than_asked_for() -> None:
    """A stretch may hold more than a window has room for."""
    stage = Stage()
    await stage.documents.batches.add(new_batch(total_images=50, chunk_size=2))
    await stage.end()
    batch = await stage.retry()
    assert await next_images_to_retry(batch, stage.documents.chunks, 4) == [0, 1, 2, 3]
    later = batch.model_copy(update={"planned_images": 48})
    assert await next_images_to_retry(later, stage.documents.chunks, 4) == [48, 49]


def earlier_chunks(data: st.DataObject, total_images: int, generations: int) -> list[Chunk]:
    """The chunks of so many generations that have ended, cut anywhere, each with any images in any state.

    A generation has images that none before completed; those that it never released are in no chunk. Whoever is late
    may have recorded a chunk of which nothing became.
    """
    chunks: list[Chunk] = []
    left = list(range(total_images))
    for generation in range(generations):
        released = [index for index in left if data.draw(st.integers(0, 3))]
        while released:
            size = data.draw(st.integers(1, len(released)))
            chunk = Chunk(
                batch_id="b",
                number=len(chunks),
                generation=generation,
                indexes=tuple(released[:size]),
                lease_until=START,
            )
            ends = {index: data.draw(st.sampled_from([COMPLETED, FAILED, None])) for index in chunk.indexes}
            known = chunk.folded({index: end for index, end in ends.items() if end is not None})
            chunks.append(data.draw(st.sampled_from([known, known.revoke_rest()])))
            left = [index for index in left if ends.get(index) is not COMPLETED]
            released = released[size:]
    return chunks


@settings(max_examples=100)
@given(data=st.data(), total_images=st.integers(1, 40), generations=st.integers(1, 3), stretch=st.integers(1, 15))
async def test_a_retry_finds_what_was_not_completed_once_wherever_chunks_were_cut(
    data: st.DataObject, total_images: int, generations: int, stretch: int
) -> None:
    """However much is asked for at a time, asked twice, and whatever has become of the present generation meanwhile."""
    chunks = MemoryChunks()
    earlier = earlier_chunks(data, total_images, generations)
    await chunks.add(earlier)
    completed = {int(i) for chunk in earlier for i, outcome in chunk.outcomes.items() if outcome == COMPLETED}
    wanted = [index for index in range(total_images) if index not in completed]
    batch = new_batch(total_images=total_images).model_copy(
        update={"generation": generations, "first_chunk": len(earlier)}
    )
    found: list[int] = []
    while len(found) < len(wanted):
        limit = data.draw(st.integers(1, 12))
        images = await next_images_to_retry(batch, chunks, limit, stretch)
        assert images == wanted[len(found) : len(found) + limit]
        assert await next_images_to_retry(batch, chunks, limit, stretch) == images
        chunk = plan_chunk(batch, len(found), images, START, 10)
        await chunks.add([chunk.folded(dict.fromkeys(images, COMPLETED)) if data.draw(st.booleans()) else chunk])
        found += images
        batch = batch.released(len(found), START, planned_images=images[-1] + 1)
    assert await next_images_to_retry(batch, chunks, 9, stretch) == []
    assert found == wanted


@settings(max_examples=60)
@given(
    total_images=st.integers(1, 60),
    chunk_size=st.integers(1, 7),
    window=st.integers(1, 5),
    stretch=st.integers(1, 20),
    per_write=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
async def test_each_generation_covers_what_is_wanted_exactly_once(
    total_images: int, chunk_size: int, window: int, stretch: int, per_write: int, seed: int
) -> None:
    """Whatever the window and the stretches, wherever the chunker crashes, and whatever became of the images before."""
    chance = random.Random(seed)
    stage = Stage(window, max_chunks=per_write, stretch_images=stretch)
    await stage.documents.batches.add(new_batch(total_images=total_images, chunk_size=chunk_size))
    wanted = list(range(total_images))
    for generation in range(3):
        is_cancelled = chance.random() < 0.3
        await released_with_crashes(stage, chance, until_cancelled=is_cancelled)
        batch, chunks = await stage.batch(), await stage.chunks(generation)
        assert images(chunks) == wanted[: len(images(chunks))]
        assert all(len(chunk.indexes) == chunk_size for chunk in chunks[:-1])
        assert [chunk.number for chunk in chunks] == [batch.first_chunk + k for k in range(len(chunks))]
        assert set(stage.published()) >= {c.number for c in chunks[: batch.released_chunks]}
        if not is_cancelled:
            assert images(chunks) == wanted
            assert len(chunks) == batch.total_chunks == batch.released_chunks
        failed = {index for index in wanted if chance.random() < 0.5}
        batch = await stage.end(failed=failed, revoked={i for i in wanted if is_cancelled and chance.random() < 0.3})
        done = {i for c in await stage.chunks() for i in c.indexes if c.outcomes[str(i)].state == "completed"}
        assert batch.completed_images == len(done)
        wanted = [index for index in range(total_images) if index not in done]
        assert (await stage.retry()).generation == (generation + 1 if wanted else generation)
        if not wanted:
            return


async def released_with_crashes(stage: Stage, chance: random.Random, *, until_cancelled: bool) -> None:
    """Release the whole generation, or a part of it, by chunkers that crash now and then and are told twice."""
    for _ in range(1000):
        batch = await stage.batch()
        if batch.released_chunks == batch.total_chunks or (until_cancelled and chance.random() < 0.3):
            return
        crash_at = chance.choice((-1, chance.randint(0, 20)))
        handlers = stage.crashing(Crash(crash_at, chance.choice(("before", "after"))))
        message = settled(chance.randint(0, batch.released_chunks), generation=batch.generation)
        try:
            await handlers.work([SUBMITTED])
            await handlers.work([message, settled(batch.released_chunks, generation=batch.generation)])
        except* CrashError:
            stage.clock.step(1)
    pytest.fail("the generation was never released")


async def test_a_retry_whose_images_are_nowhere_is_logged_and_waits() -> None:
    """A batch may count failures that no chunk records, as after a backup was restored in part."""
    stage = Stage(window_chunks=2)
    await stage.documents.batches.add(new_batch(total_images=4, chunk_size=2))
    await stage.release_all()
    await stage.end()
    await stage.change(lambda b: b.model_copy(update={"failed_images": 2, "completed_images": 2}))
    await stage.retry()
    stage.publisher.published.clear()
    with structlog.testing.capture_logs() as logs:
        await stage.handlers.work([BatchSubmitted(batch_id="b", generation=1)])
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["no_images_to_retry"]
    assert stage.published() == []
    assert (await stage.batch()).released_chunks == 0
