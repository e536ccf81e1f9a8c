from collections.abc import Sequence

import pytest

from services.chunker.handlers import ChunkerHandlers
from services.chunker.reconciler import ChunkerReconciler
from services.chunker.settings import ChunkerSettings
from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.memory_documents import MemoryDocuments
from shared.documents import Chunk
from shared.messages import BatchSubmitted, ChunkReady
from shared.topology import CHUNKS
from tests.fakes import RecordingPublisher, SteppingClock, new_batch

SETTINGS = ChunkerSettings(window_chunks=3, queued_lease_seconds=10, stalled_batch_seconds=300)
PAST_LEASE = 11.0


class Stage:
    """A chunker that has released the three chunks of a batch; `broker` only tells how long its queues are."""

    def __init__(self) -> None:
        self.documents = MemoryDocuments()
        self.publisher = RecordingPublisher()
        self.broker = MemoryBroker()
        self.clock = SteppingClock()
        self.handlers = ChunkerHandlers(
            self.documents.batches, self.documents.chunks, self.publisher, self.clock, SETTINGS
        )
        self.reconciler = ChunkerReconciler(
            self.handlers, self.documents.batches, self.documents.chunks, self.broker, self.clock, SETTINGS
        )

    async def sent_again(self) -> list[int]:
        """The chunks that one sweep publishes."""
        self.publisher.published.clear()
        await self.reconciler.sweep()
        return sorted(message.chunk for message in self.publisher.of(ChunkReady))

    async def claim(self, number: int, worker: str, lease_seconds: float = 30.0) -> Chunk | None:
        """What a worker gets when the chunk's message reaches it."""
        now = self.clock()
        until = SteppingClock(now)
        until.step(lease_seconds)
        return await self.documents.chunks.claim(f"b:{number}", worker, now, until(), take_over=False)

    def make_busy(self, queue_length: int = 5) -> None:
        """Let messages wait in the queue of normal chunks."""
        for _ in range(queue_length):
            self.broker.put_raw(CHUNKS["normal"], b"waiting")


@pytest.fixture
async def stage() -> Stage:
    """A batch of three chunks, all released."""
    stage = Stage()
    await stage.documents.batches.add(new_batch(total_images=6, chunk_size=2))
    await stage.handlers.batch_submitted(BatchSubmitted(batch_id="b"), redelivered=False)
    return stage


async def chunks(stage: Stage) -> Sequence[Chunk]:
    """Every recorded chunk."""
    return await stage.documents.chunks.overlapping("b", 0, 100)


async def test_chunks_within_their_lease_are_left_alone(stage: Stage) -> None:
    """Sending them again would only make work."""
    assert await stage.sent_again() == []


async def test_unclaimed_chunks_are_sent_again_when_their_queue_is_empty(stage: Stage) -> None:
    """A wiped broker: nobody has them and they wait nowhere."""
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == [0, 1, 2]
    assert await stage.sent_again() == []
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == [0, 1, 2]


async def test_unclaimed_chunks_that_wait_in_a_busy_queue_are_not_sent_again(stage: Stage) -> None:
    """They are just waiting their turn, however often the sweep looks."""
    stage.make_busy()
    for _ in range(5):
        stage.clock.step(PAST_LEASE)
        assert await stage.sent_again() == []


async def test_a_claimed_chunk_past_its_lease_is_sent_again_even_when_the_queue_is_busy(stage: Stage) -> None:
    """Its worker is lost, whatever else is waiting; its siblings are in good hands or in the queue."""
    stage.make_busy()
    await stage.claim(0, "lost", lease_seconds=12)
    await stage.claim(1, "alive", lease_seconds=60)
    stage.clock.step(13)
    assert await stage.sent_again() == [0]


@pytest.mark.parametrize("queue_length", [0, 5], ids=["empty queue", "busy queue"])
async def test_whoever_receives_a_chunk_sent_again_can_claim_it(stage: Stage, queue_length: int) -> None:
    """A lease given to the message on its way must not keep the chunk in the lost worker's name."""
    stage.make_busy(queue_length)
    await stage.claim(0, "lost", lease_seconds=12)
    stage.clock.step(13)
    assert 0 in await stage.sent_again()
    stage.clock.step(1)
    claimed = await stage.claim(0, "next")
    assert claimed is not None
    assert claimed.worker == "next"


async def test_a_worker_that_claims_at_once_keeps_its_claim(stage: Stage) -> None:
    """The broker may deliver before the publisher hears its confirm."""
    await stage.claim(0, "lost", lease_seconds=5)
    stage.clock.step(6)
    claims = []

    class Quick(RecordingPublisher):
        async def publish(self, message: object) -> None:
            assert isinstance(message, ChunkReady)
            claims.append(await stage.claim(message.chunk, "quick"))

    handlers = ChunkerHandlers(stage.documents.batches, stage.documents.chunks, Quick(), stage.clock, SETTINGS)
    await ChunkerReconciler(
        handlers, stage.documents.batches, stage.documents.chunks, stage.broker, stage.clock, SETTINGS
    ).sweep()
    assert [claim is not None and claim.number for claim in claims] == [0]
    assert [chunk.worker for chunk in await chunks(stage)] == ["quick", None, None]
    stage.clock.step(29)
    assert 0 not in await stage.sent_again()


async def test_overdue_chunks_are_sent_again_when_fewer_messages_wait(stage: Stage) -> None:
    """A wiped broker that newer chunks have reached since: what waits there cannot be all of the overdue ones."""
    stage.make_busy(queue_length=2)
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == [0, 1, 2]
    stage.make_busy(queue_length=3)
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == []


async def test_a_stalled_batch_has_its_chunks_sent_again_though_the_queue_is_busy(stage: Stage) -> None:
    """A busy queue may hold other batches' chunks only: with fewer messages than chunks, somebody's are missing."""
    stage.make_busy(queue_length=3)
    stage.clock.step(SETTINGS.stalled_batch_seconds + 1)
    await stage.documents.batches.add(new_batch("young", total_images=3, chunk_size=1, now=stage.clock()))
    await stage.handlers.batch_submitted(BatchSubmitted(batch_id="young"), redelivered=False)
    assert await stage.sent_again() == [0, 1, 2]
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == []


async def test_a_long_backlog_is_not_made_longer(stage: Stage) -> None:
    """As many messages wait as chunks: sending them again would only add duplicates, every five minutes."""
    stage.make_busy(queue_length=3)
    stage.clock.step(SETTINGS.stalled_batch_seconds + 1)
    assert await stage.sent_again() == []


@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE", "REVOKED"])
async def test_a_finished_batch_is_left_alone(stage: Stage, status: str) -> None:
    """Nothing of it is sent again, though chunks of a revoked batch never settle."""
    await stage.documents.batches.change("b", lambda b: b.changed(stage.clock(), status=status))
    stage.clock.step(1000)
    assert await stage.sent_again() == []


async def test_a_batch_whose_message_was_lost_is_released(stage: Stage) -> None:
    """The batch document is the outbox: what was dispatched and not released is released."""
    await stage.documents.batches.add(new_batch("late", total_images=2, chunk_size=1, now=stage.clock()))
    assert await stage.sent_again() == []
    stage.clock.step(PAST_LEASE)
    await stage.reconciler.sweep()
    assert [m.chunk for m in stage.publisher.of(ChunkReady) if m.batch_id == "late"] == [0, 1]


async def test_a_batch_whose_settled_count_was_lost_goes_on(stage: Stage) -> None:
    """The batch's own counters say that there is room."""
    await stage.documents.batches.add(new_batch("long", total_images=9, chunk_size=1, now=stage.clock()))
    await stage.handlers.batch_submitted(BatchSubmitted(batch_id="long"), redelivered=False)
    await stage.documents.batches.change("long", lambda b: b.changed(stage.clock(), completed_chunks=2))
    stage.clock.step(PAST_LEASE)
    await stage.reconciler.sweep()
    batch = await stage.documents.batches.get("long")
    assert batch is not None
    assert batch.released_chunks == 5


async def test_every_lost_chunk_is_found_however_many(stage: Stage) -> None:
    """The sweep goes on from page to page, over chunks and over batches."""
    for number in range(250):
        await stage.documents.batches.add(new_batch(f"many-{number:03}", total_images=1, chunk_size=1))
    stage.clock.step(PAST_LEASE)
    await stage.reconciler.sweep()
    released = {m.batch_id for m in stage.publisher.of(ChunkReady)}
    assert len(released) == 251
    stage.clock.step(PAST_LEASE)
    assert len(await stage.sent_again()) == 253
