from collections.abc import Sequence
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from shared.documents import Batch, Chunk, ChunkTotals
from shared.errors import DocumentsUnavailableError
from shared.messaging.messages import BatchSubmitted, ChunkReady
from shared.messaging.topology import Queue
from tests.fakes import RecordingPublisher, new_batch
from tests.unit.chunker.stage import SUBMITTED, Stage

PAST_LEASE = 11.0


@pytest.fixture
async def stage() -> Stage:
    """A batch of three chunks, all released."""
    stage = Stage()
    await stage.documents.batches.add(new_batch(total_images=6, chunk_size=2))
    await stage.handlers.work([SUBMITTED])
    return stage


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
    assert await stage.sent_again_after_silence() == [0]


async def test_a_worker_is_not_taken_for_lost_because_the_database_was_away(stage: Stage) -> None:
    """No lease could be renewed meanwhile; its holder does so as soon as it can."""
    stage.make_busy()
    await stage.claim(0, "alive", lease_seconds=12)
    stage.clock.step(40)
    assert await stage.sent_again() == []
    stage.clock.step(stage.settings.silence_seconds / 2)
    await stage.documents.chunks.renew(["b:0"], "alive", stage.clock() + timedelta(seconds=30))
    stage.clock.step(stage.settings.silence_seconds / 2)
    assert await stage.sent_again() == []
    chunk, *_ = await stage.chunks()
    assert (chunk.worker, chunk.losses) == ("alive", 0)


async def test_a_silence_in_which_the_database_was_away_proves_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch begins anew."""
    stage.make_busy()
    await stage.claim(0, "alive", lease_seconds=12)
    stage.clock.step(13)
    assert await stage.sent_again() == []
    with monkeypatch.context() as away:
        away.setattr(stage.documents.batches, "unfinished", _failing)
        with pytest.raises(DocumentsUnavailableError):
            await stage.reconciler.sweep()
    stage.clock.step(stage.settings.silence_seconds)
    assert await stage.sent_again() == []
    stage.clock.step(stage.settings.silence_seconds)
    assert await stage.sent_again() == [0]


async def _failing(*_arguments: object) -> Sequence[Batch]:
    raise DocumentsUnavailableError("away")


@pytest.mark.parametrize("queue_length", [0, 5], ids=["empty queue", "busy queue"])
async def test_whoever_receives_a_chunk_sent_again_can_claim_it(stage: Stage, queue_length: int) -> None:
    """A lease given to the message on its way must not keep the chunk in the lost worker's name."""
    stage.make_busy(queue_length)
    await stage.claim(0, "lost", lease_seconds=12)
    stage.clock.step(13)
    assert 0 in await stage.sent_again_after_silence()
    stage.clock.step(1)
    claimed = await stage.claim(0, "next")
    assert claimed is not None
    assert claimed.worker == "next"


async def test_a_worker_that_claims_at_once_keeps_its_claim(stage: Stage) -> None:
    """The broker may deliver before the publisher hears its confirm."""
    stage.make_busy()
    await stage.claim(0, "lost", lease_seconds=5)
    stage.clock.step(6)
    claims = []

    class Quick(RecordingPublisher):
        async def publish(self, message: object) -> None:
            assert isinstance(message, ChunkReady)
            claims.append(await stage.claim(message.chunk, "quick"))

    reconciler = stage.reconciling(stage.publishing(Quick()))
    await reconciler.sweep()
    stage.clock.step(stage.settings.silence_seconds)
    await reconciler.sweep()
    assert [claim is not None and claim.number for claim in claims] == [0]
    assert [chunk.worker for chunk in await stage.chunks()] == ["quick", None, None]
    stage.clock.step(29)
    assert 0 not in await stage.sent_again()


async def test_overdue_chunks_are_sent_again_when_fewer_messages_wait(stage: Stage) -> None:
    """A wiped broker that newer chunks have reached since: what waits there cannot be all of the overdue ones."""
    stage.make_busy(queue_length=2)
    stage.clock.step(PAST_LEASE)
    with capture_logs() as logs:
        assert await stage.sent_again() == [0, 1, 2]
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("chunks_sent_again", "warning")]
    stage.make_busy(queue_length=3)
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == []


async def test_a_stalled_batch_has_its_chunks_sent_again_though_the_queue_is_busy(stage: Stage) -> None:
    """A busy queue may hold other batches' chunks only: with fewer messages than chunks, somebody's are missing."""
    stage.make_busy(queue_length=3)
    stage.clock.step(stage.settings.stalled_batch_seconds + 1)
    await stage.documents.batches.add(new_batch("young", total_images=3, chunk_size=1, now=stage.clock()))
    await stage.handlers.work([BatchSubmitted(batch_id="young")])
    with capture_logs() as logs:
        assert await stage.sent_again() == [0, 1, 2]
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("chunks_sent_again", "info")]
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == []


async def test_a_long_backlog_is_not_made_longer(stage: Stage) -> None:
    """As many messages wait as chunks: sending them again would only add duplicates, every five minutes."""
    stage.make_busy(queue_length=3)
    stage.clock.step(stage.settings.stalled_batch_seconds + 1)
    assert await stage.sent_again() == []


async def test_a_chunk_in_a_backoff_misses_no_message_in_its_queue(stage: Stage) -> None:
    """Its own waits elsewhere, so that those of the others are all there; a lost one is found once it is due."""
    stage.clock.step(stage.settings.stalled_batch_seconds + 1)
    await stage.put_off(0, 29)
    stage.make_busy(queue_length=2)
    assert await stage.sent_again() == []
    stage.clock.step(28)
    assert await stage.sent_again() == []
    stage.clock.step(17)
    assert 0 in await stage.sent_again()


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
    await stage.handlers.work([BatchSubmitted(batch_id="long")])
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


async def test_a_lost_worker_is_counted(stage: Stage) -> None:
    """By its losses a chunk that ends its workers is told from others; a chunk that only lost its message has none."""
    await stage.claim(0, "lost", lease_seconds=12)
    stage.clock.step(13)
    assert await stage.sent_again() == [1, 2]
    stage.clock.step(stage.settings.silence_seconds)
    assert await stage.sent_again() == [0]
    assert [(chunk.losses, chunk.worker) for chunk in await stage.chunks()] == [(1, None), (0, None), (0, None)]


async def test_a_worker_that_renews_at_the_last_moment_keeps_its_chunk(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was overdue when the sweep read it, and alive when the sweep came to take it back."""
    await stage.claim(0, "late", lease_seconds=12)
    stage.make_busy()
    stage.clock.step(13)
    assert await stage.sent_again() == []
    stage.clock.step(stage.settings.silence_seconds)
    waiting, until = stage.broker.waiting, stage.clock() + timedelta(seconds=30)

    async def renewed_meanwhile(queue: Queue) -> int:
        await stage.documents.chunks.renew(["b:0"], "late", until)
        return await waiting(queue)

    monkeypatch.setattr(stage.broker, "waiting", renewed_meanwhile)
    assert await stage.sent_again() == []
    chunk, *_ = await stage.chunks()
    assert (chunk.worker, chunk.losses, chunk.lease_until) == ("late", 0, until)


async def test_chunks_of_a_paused_batch_rest_and_hide_no_others(stage: Stage) -> None:
    """They are not sent again, and as workers drop their messages they are not counted as missing ones either."""
    await stage.change(lambda b: b.with_pause(stage.clock()))
    await stage.documents.batches.add(new_batch("other", total_images=3, chunk_size=1, now=stage.clock()))
    await stage.handlers.work([BatchSubmitted(batch_id="other")])
    stage.make_busy(queue_length=3)
    for _ in range(5):
        stage.clock.step(stage.settings.stalled_batch_seconds + 1)
        assert await stage.sent_again() == []


async def test_a_chunk_of_a_paused_batch_is_taken_back_from_its_lost_worker(stage: Stage) -> None:
    """So that it is among the unclaimed ones when the batch is resumed."""
    await stage.claim(0, "lost", lease_seconds=5)
    await stage.change(lambda b: b.with_pause(stage.clock()))
    stage.clock.step(6)
    assert await stage.sent_again_after_silence() == []
    chunk, *_ = await stage.chunks()
    assert (chunk.worker, chunk.losses) == (None, 1)
    assert stage.clock() < chunk.lease_until <= stage.clock() + timedelta(seconds=10)


async def test_a_stopped_batch_is_left_to_the_tracker(stage: Stage) -> None:
    """Its chunks are neither sent again nor cut off before results on their way have come."""
    await stage.change(lambda b: b.stopped("cancelled", stage.clock()))
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == []
    assert [chunk.settled for chunk in await stage.chunks()] == [False, False, False]


async def test_chunks_recorded_after_the_end_of_their_batch_are_cut_off(stage: Stage) -> None:
    """A chunker that had read the batch before it was cancelled; the numbers of the ended batch stay."""
    await stage.documents.batches.add(new_batch("late", total_images=4, chunk_size=2))
    slow = await stage.documents.batches.get("late")
    assert slow is not None
    await stage.documents.batches.change(
        "late", lambda b: b.stopped("cancelled", stage.clock()).ended_early(ChunkTotals(), stage.clock())
    )
    await stage.handlers.releases.release(slow, range(slow.total_chunks), 0)
    stage.clock.step(PAST_LEASE)
    stage.publisher.published.clear()
    await stage.reconciler.sweep()
    assert {message.batch_id for message in stage.publisher.of(ChunkReady)} == {"b"}
    chunks = await stage.documents.chunks.overlapping("late", 0, 4)
    assert [(chunk.settled_at, chunk.revoked) for chunk in chunks] == [(stage.clock(), 2), (stage.clock(), 2)]
    batch = await stage.documents.batches.get("late")
    assert batch is not None
    assert (batch.status, batch.revoked_images) == ("REVOKED", 4)


async def test_late_chunks_of_an_older_generation_are_cut_off_while_the_present_one_goes_on() -> None:
    """They were recorded after the retry began; none is published, and no image is lost to them."""
    stage = Stage()
    await stage.documents.batches.add(new_batch(total_images=6, chunk_size=2))
    slow = await stage.batch()
    await stage.end()
    await stage.retry()
    await stage.handlers.releases.release(slow, range(slow.total_chunks), 0)
    await stage.release_all()
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == [3, 4, 5]
    assert [chunk.settled for chunk in await stage.chunks()] == [True, True, True, False, False, False]


async def test_chunks_of_a_batch_that_is_gone_do_not_come_back_for_ever(stage: Stage) -> None:
    """A chunker may record some after the batch was deleted; they are settled so that no sweep reads them again."""
    await stage.documents.batches.remove("b")
    stage.clock.step(PAST_LEASE)
    assert await stage.sent_again() == []
    assert all(chunk.settled for chunk in await stage.chunks())


async def test_one_broken_batch_does_not_keep_others_from_being_swept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything else is released and sent again, its chunks stay as they are, and then the sweep tells of it."""
    get = stage.documents.batches.get

    async def broken(batch_id: str) -> Batch | None:
        if batch_id == "b":
            raise ValueError("no batch at all")
        return await get(batch_id)

    await stage.documents.batches.add(new_batch("c", total_images=2, chunk_size=1))
    await stage.handlers.work([BatchSubmitted(batch_id="c")])
    monkeypatch.setattr(stage.documents.batches, "get", broken)
    stage.clock.step(PAST_LEASE)
    stage.publisher.published.clear()
    with pytest.raises(ExceptionGroup, match="could not be swept: 1"):
        await stage.reconciler.sweep()
    assert {(m.batch_id, m.chunk) for m in stage.publisher.of(ChunkReady)} == {("c", 0), ("c", 1)}
    assert not any(chunk.settled for chunk in await stage.chunks())


async def test_a_batch_that_cannot_be_released_does_not_keep_others_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep goes on to the next, and fails at its end."""
    stage = Stage()
    for batch_id in ("a", "b", "c"):
        await stage.documents.batches.add(new_batch(batch_id, total_images=1, chunk_size=1))
    add = stage.documents.chunks.add

    async def refused(chunks: Sequence[Chunk]) -> None:
        if chunks[0].batch_id == "b":
            raise ValueError("no room for b")
        await add(chunks)

    monkeypatch.setattr(stage.documents.chunks, "add", refused)
    stage.clock.step(PAST_LEASE)
    with pytest.raises(ExceptionGroup):
        await stage.reconciler.sweep()
    assert {message.batch_id for message in stage.publisher.of(ChunkReady)} == {"a", "c"}


async def test_a_database_that_is_away_ends_the_sweep_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking it for every batch in turn would only wait as many times."""
    asked = []

    async def away(batch_id: str) -> Batch | None:
        asked.append(batch_id)
        raise DocumentsUnavailableError("no answer")

    for number in range(5):
        await stage.documents.batches.add(new_batch(f"other-{number}", total_images=1, chunk_size=1))
        await stage.handlers.work([BatchSubmitted(batch_id=f"other-{number}")])
    monkeypatch.setattr(stage.documents.batches, "get", away)
    stage.clock.step(PAST_LEASE)
    with pytest.raises(DocumentsUnavailableError):
        await stage.reconciler.sweep()
    assert len(asked) == 1
