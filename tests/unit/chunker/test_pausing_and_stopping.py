from collections.abc import Callable

import pytest

from shared.documents import Batch
from shared.messaging.messages import ChunkReady, Message
from tests.fakes import START, RecordingPublisher, new_batch
from tests.unit.chunker.stage import SUBMITTED, Stage, settled


def paused(batch: Batch) -> Batch:
    """What the gateway does."""
    return batch.with_pause(START)


def cancelled(batch: Batch) -> Batch:
    """What the gateway does."""
    return batch.stopped("cancelled", START)


def failed_wholesale(batch: Batch) -> Batch:
    """What the tracker does."""
    return batch.stopped("failure_threshold", START)


HELD = pytest.mark.parametrize("hold", [paused, cancelled, failed_wholesale])


@pytest.fixture
async def stage() -> Stage:
    """A batch of six chunks, two images each, with a window of three."""
    stage = Stage(window_chunks=3)
    await stage.documents.batches.add(new_batch(total_images=12, chunk_size=2))
    return stage


@HELD
async def test_nothing_of_a_held_batch_is_released(stage: Stage, hold: Callable[[Batch], Batch]) -> None:
    """Neither at its beginning, nor as chunks settle, nor by the sweep."""
    held = await stage.change(hold)
    await stage.handlers.work([SUBMITTED])
    await stage.handlers.work([settled(2)])
    stage.clock.step(1000)
    await stage.reconciler.sweep()
    assert (stage.published(), await stage.chunks(), await stage.batch()) == ([], [], held)


@HELD
async def test_the_next_window_waits_while_a_batch_is_held(stage: Stage, hold: Callable[[Batch], Batch]) -> None:
    """What was released before is the workers' affair."""
    await stage.handlers.work([SUBMITTED])
    await stage.settle(2)
    await stage.change(hold)
    await stage.handlers.work([settled(2)])
    assert stage.published() == [0, 1, 2]


@HELD
async def test_a_release_ends_at_the_write_after_the_hold(hold: Callable[[Batch], Batch]) -> None:
    """A large window is released in several writes, and each tells how the batch is by then."""
    stage = Stage(window_chunks=10, max_chunks=2)
    await stage.documents.batches.add(new_batch(total_images=12, chunk_size=2))

    class Holding(RecordingPublisher):
        async def publish(self, message: Message) -> None:
            if isinstance(message, ChunkReady) and message.chunk == 2:
                await stage.change(hold)
            await super().publish(message)

    publisher = Holding()
    await stage.publishing(publisher).work([SUBMITTED])
    assert sorted(message.chunk for message in publisher.of(ChunkReady)) == [0, 1, 2, 3]
    batch = await stage.batch()
    assert (batch.released_chunks, batch.may_be_developed) == (4, False)


async def test_a_resumed_batch_goes_on_where_it_was(stage: Stage) -> None:
    """The unclaimed chunks come again, since workers dropped their messages; those in hand do not; then the next."""
    await stage.handlers.work([SUBMITTED])
    await stage.claim(1, "busy")
    await stage.settle(1)
    await stage.change(paused)
    await stage.handlers.work([settled(1)])
    stage.clock.step(1)
    resumed = await stage.change(lambda b: b.resumed(stage.clock()))
    assert resumed.dispatched_at is None
    stage.publisher.published.clear()
    await stage.handlers.work([SUBMITTED])
    assert stage.published() == [2, 3]


async def test_a_resumed_batch_leaves_chunks_in_a_backoff_to_their_retries(stage: Stage) -> None:
    """Their messages are still to come; one whose message came during the pause, and was dropped, is sent again."""
    await stage.handlers.work([SUBMITTED])
    for number, seconds in ((0, 1), (1, 9)):
        await stage.put_off(number, seconds)
    await stage.change(paused)
    stage.clock.step(5)
    await stage.change(lambda b: b.resumed(stage.clock()))
    stage.publisher.published.clear()
    before = (await stage.chunks())[1]
    await stage.handlers.work([SUBMITTED])
    assert stage.published() == [0, 2]
    assert (await stage.chunks())[1] == before


async def test_a_resumed_batch_that_had_not_begun_begins(stage: Stage) -> None:
    """Paused between its upload and its first chunk."""
    await stage.change(paused)
    await stage.handlers.work([SUBMITTED])
    await stage.change(lambda b: b.resumed(stage.clock()))
    await stage.handlers.work([SUBMITTED])
    assert stage.published() == [0, 1, 2]


async def test_a_resumed_chunk_whose_message_is_lost_is_soon_sent_again(stage: Stage) -> None:
    """During the pause its lease was a long one; it is a short one again with the message."""
    await stage.handlers.work([SUBMITTED])
    await stage.change(paused)
    stage.clock.step(11)
    assert await stage.sent_again() == []
    await stage.change(lambda b: b.resumed(stage.clock()).dispatched(stage.clock()))
    await stage.handlers.work([SUBMITTED])
    stage.clock.step(11)
    assert await stage.sent_again() == [0, 1, 2]
