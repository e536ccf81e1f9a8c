import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import pytest

from services.chunker.handlers import ChunkerHandlers
from shared.errors import BrokerUnavailableError
from shared.messaging.messages import BatchProgressed, BatchSubmitted, ChunkReady, Message
from tests.fakes import Crash, CrashError, RecordingPublisher, new_batch
from tests.unit.chunker.stage import SUBMITTED, Stage, settled

WINDOW = 3


@pytest.fixture
async def stage() -> Stage:
    """A stage on which a batch of six chunks, two images each, is recorded."""
    stage = Stage(WINDOW)
    await stage.documents.batches.add(new_batch(total_images=12, chunk_size=2))
    return stage


async def test_a_new_batch_gets_its_first_window(stage: Stage) -> None:
    """Recorded, published and remembered, and not one chunk more than the window."""
    await stage.handlers.work([SUBMITTED])
    assert stage.published() == [0, 1, 2]
    assert [chunk.number for chunk in await stage.chunks()] == [0, 1, 2]
    batch = await stage.batch()
    assert (batch.released_chunks, batch.status, batch.started_at) == (3, "STARTED", stage.clock())


async def test_watchers_see_at_once_that_a_batch_has_started(stage: Stage) -> None:
    """Its first result may take a while; later releases are seen by their results."""
    await stage.handlers.work([SUBMITTED])
    [hint] = stage.publisher.of(BatchProgressed)
    batch = await stage.batch()
    assert (batch.status, hint.batch_version) == ("STARTED", batch.version)
    await stage.handlers.work([await stage.settle(1)])
    assert stage.publisher.of(BatchProgressed) == [hint]


async def test_a_batch_submitted_twice_is_recorded_once(stage: Stage) -> None:
    """What nobody has is published again, as after a pause, which workers sort out; the documents show no trace."""
    await stage.handlers.work([SUBMITTED])
    once, chunks = await stage.batch(), await stage.chunks()
    await stage.handlers.work([SUBMITTED])
    assert stage.published() == [0, 1, 2, 0, 1, 2]
    assert (await stage.batch(), await stage.chunks()) == (once, chunks)


async def test_two_deliveries_of_a_batch_at_once_record_each_chunk_once(stage: Stage) -> None:
    """A race may publish twice, which workers sort out; the documents show no trace of it."""
    await asyncio.gather(*(stage.handlers.work([SUBMITTED]) for _ in range(3)))
    assert set(stage.published()) == {0, 1, 2}
    assert [chunk.number for chunk in await stage.chunks()] == [0, 1, 2]
    assert (await stage.batch()).released_chunks == 3


async def test_an_unknown_batch_is_passed_over(stage: Stage) -> None:
    """A message about a batch that nobody recorded must not come back for ever."""
    await stage.handlers.work([BatchSubmitted(batch_id="nobody")])
    await stage.handlers.work([settled(1, "nobody")])
    assert stage.published() == []


async def test_chunks_settled_make_room_for_as_many(stage: Stage) -> None:
    """The window slides by what has settled."""
    await stage.handlers.work([SUBMITTED])
    await stage.handlers.work([await stage.settle(2)])
    assert stage.published() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "counts", [[1, 2, 3], [3, 2, 1], [3, 1], [3], [2, 2, 2, 3, 3]], ids=["in order", "reversed", "gap", "last", "twice"]
)
@pytest.mark.parametrize("together", [True, False])
async def test_settled_counts_may_be_lost_repeated_or_reordered(
    stage: Stage,
    counts: list[int],
    together: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Only the highest count counts, and no chunk is published twice for it."""
    await stage.handlers.work([SUBMITTED])
    await stage.settle(3)
    messages = [settled(count) for count in counts]
    for batch in [messages] if together else [[message] for message in messages]:
        await stage.handlers.work(batch)
    assert stage.published() == [0, 1, 2, 3, 4, 5]


async def test_the_window_holds_at_every_publish(stage: Stage) -> None:
    """Released and unsettled chunks never exceed it, from the first to the last."""
    await stage.handlers.work([SUBMITTED])
    for count in range(1, 7):
        assert len(stage.published()) - (count - 1) <= WINDOW
        await stage.handlers.work([await stage.settle(count)])
    assert stage.published() == list(range(6))


async def test_a_count_of_another_generation_releases_nothing_and_hides_nothing(stage: Stage) -> None:
    """A late count from before a retry is larger, and must neither count nor push aside the present one."""
    await stage.release_all()
    await stage.end(failed=range(12))
    await stage.retry()
    stage.publisher.published.clear()
    await stage.handlers.work([SUBMITTED])
    await stage.handlers.work([settled(6, generation=0)])
    assert stage.published() == [6, 7, 8]
    await stage.handlers.work([settled(6, generation=0), settled(1, generation=1)])
    assert stage.published() == [6, 7, 8, 9]


async def test_a_finished_batch_is_left_alone(stage: Stage) -> None:
    """A late message must not reopen what has ended."""
    await stage.documents.batches.change("b", lambda b: b.changed(stage.clock(), status="REVOKED"))
    await stage.handlers.work([SUBMITTED])
    await stage.handlers.work([settled(3)])
    assert stage.published() == []
    assert (await stage.batch()).status == "REVOKED"


async def test_a_broker_that_does_not_confirm_is_told_as_what_it_is(stage: Stage) -> None:
    """The consume loop waits out a TransientError in place; anything else would cost each message a delivery."""
    stage.publisher.errors.append(BrokerUnavailableError("no confirm"))
    with pytest.raises(BrokerUnavailableError):
        await stage.handlers.work([SUBMITTED])
    assert (await stage.batch()).released_chunks == 0


async def first_window(handlers: ChunkerHandlers) -> None:
    """Handle a new batch."""
    await handlers.work([SUBMITTED])


async def next_window(handlers: ChunkerHandlers) -> None:
    """Handle a count of settled chunks."""
    await handlers.work([settled(2)])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("handle", "expected"), [(first_window, 3), (next_window, 5)])
async def test_a_crash_at_any_call_loses_no_chunk(
    handle: Callable[[ChunkerHandlers], Awaitable[None]], expected: int, when: Literal["before", "after"]
) -> None:
    """Whichever call the process ends at, the redelivery records and publishes all that the window has room for."""
    for at in range(100):
        stage = Stage(WINDOW)
        await stage.documents.batches.add(new_batch(total_images=12, chunk_size=2))
        if handle is next_window:
            await first_window(stage.handlers)
            await stage.settle(2)
        crash = Crash(at, when)
        try:
            await handle(stage.crashing(crash))
        except* CrashError:
            stage.clock.step(60)
            await handle(stage.handlers)
        assert set(stage.published()) == set(range(expected)), f"crash {when} call {at}"
        assert [chunk.number for chunk in await stage.chunks()] == list(range(expected))
        assert (await stage.batch()).released_chunks == expected
        if not crash.has_happened:
            assert at >= 5  # get, add, change and a publish for each chunk
            return
    pytest.fail("the handler never ran without a crash")


async def test_a_large_window_is_recorded_before_it_is_published() -> None:
    """No worker may meet a chunk that is not recorded: it would drop it."""
    stage = Stage(window_chunks=250)
    await stage.documents.batches.add(new_batch(total_images=500, chunk_size=2))
    unrecorded = []

    class Checking(RecordingPublisher):
        async def publish(self, message: Message) -> None:
            if isinstance(message, ChunkReady) and message.chunk not in {
                chunk.number for chunk in await stage.chunks()
            }:
                unrecorded.append(message.chunk)
            await super().publish(message)

    publisher = Checking()
    await stage.publishing(publisher).work([SUBMITTED])
    assert len(publisher.of(ChunkReady)) == 250
    assert unrecorded == []
