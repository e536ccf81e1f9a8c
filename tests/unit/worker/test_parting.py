"""Chunks that a worker does not go on with: because a server is away, a batch rests, or the worker itself stops."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.worker.chunks.admission import BatchInactiveError, WorkerStoppingError
from services.worker.chunks.work import SUSPICIOUS_LOSSES
from shared.errors import BrokerUnavailableError, DocumentsUnavailableError, StorageUnavailableError, TransientError
from shared.messaging.messages import ChunkFailed
from shared.messaging.topology import RETRY_STEPS
from tests.fakes import START, until
from tests.unit.worker.stage import LAST, LEASE_SECONDS, READY, Stage, database_away

DOWN = StorageUnavailableError("the store is down")


async def pause(stage: Stage) -> None:
    """Pause the batch."""
    await stage.change(lambda b: b.with_pause(START))


async def resume(stage: Stage) -> None:
    """Let the batch go on."""
    await stage.change(lambda b: b.resumed(START))


@pytest.mark.parametrize("error", [DocumentsUnavailableError("down"), BrokerUnavailableError("down")])
async def test_a_server_that_is_away_uses_up_no_attempt(stage: Stage, error: TransientError) -> None:
    """The message goes back as it is; the chunk is free at once, with what is known of it."""
    stage.engine.instead[b"original 1"] = error
    for _ in range(len(RETRY_STEPS) + 2):
        with pytest.raises(type(error)):
            await stage.handlers.chunk_ready(LAST)
        chunk = await stage.chunk()
        assert (chunk.worker, chunk.retries, chunk.lease_until) == (None, 0, stage.clock())
        assert chunk.unfinished_indexes == (1,)
    assert stage.log[-2:] == ["1 begins", "handed back"]
    assert (stage.publisher.later, stage.publisher.of(ChunkFailed)) == ([], [])
    stage.engine.instead.clear()
    await stage.handlers.chunk_ready(LAST)
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_result_that_is_not_confirmed_is_kept_by_the_worker(stage: Stage) -> None:
    """It may have been lost, and the image need not be developed again for that."""
    stage.publisher.errors.append(BrokerUnavailableError("no confirm"))
    with pytest.raises(BrokerUnavailableError):
        await stage.handlers.chunk_ready(READY)
    assert len(stage.completed()) == 3
    chunk = await stage.chunk()
    assert (chunk.settled, chunk.completed, chunk.retries) == (True, 4, 0)
    await stage.handlers.chunk_ready(READY)
    assert len(stage.engine.developed) == 4


@pytest.mark.parametrize("attempt", [0, len(RETRY_STEPS)])
async def test_a_retry_or_an_end_that_is_not_confirmed_is_left_to_redelivery(stage: Stage, attempt: int) -> None:
    """The handler raises, so the message is not acked, and the attempt does not count."""
    stage.engine.instead[b"original 1"] = DOWN
    stage.engine.held[b"original 1"] = asyncio.Event()
    message = READY.model_copy(update={"attempt": attempt})
    working = asyncio.create_task(stage.handlers.chunk_ready(message))
    await until(lambda: stage.completed() == [0, 2, 3])
    stage.publisher.errors.append(BrokerUnavailableError("no confirm"))
    stage.engine.held[b"original 1"].set()
    with pytest.raises(BrokerUnavailableError):
        await working
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.retries, chunk.unfinished_indexes) == (None, 0, (1,))
    await stage.handlers.chunk_ready(message)
    assert len(stage.publisher.later) + len(stage.publisher.of(ChunkFailed)) == 1


@pytest.mark.parametrize("call", [("fold", 1), ("release_claim", 1)])
async def test_a_database_that_is_away_longer_leaves_the_chunk_in_hand(stage: Stage, call: tuple[str, int]) -> None:
    """Handing back is a courtesy: the cause is what is told, and the same worker goes on with the chunk."""
    stage.engine.instead[b"original 1"] = DocumentsUnavailableError("away")
    stage.chunks.before[call] = database_away
    with capture_logs() as logs, pytest.raises(DocumentsUnavailableError, match="away"):
        await stage.handlers.chunk_ready(READY)
    assert [entry["chunk_id"] for entry in logs if entry["event"] == "chunk_not_released"] == ["b:0"]
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.lease_until) == (stage.claims.holder, START + timedelta(seconds=LEASE_SECONDS))
    stage.engine.instead.clear()
    await stage.handlers.chunk_ready(READY)
    assert (await stage.chunk()).losses == 0
    assert set(stage.completed()) == {0, 1, 2, 3}


async def test_a_database_that_hangs_does_not_hold_up_whoever_lets_go(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drain has seconds, and other messages wait."""
    monkeypatch.setattr("services.worker.handlers.RELEASE_SECONDS", 0.01)
    stage.engine.instead[b"original 1"] = DocumentsUnavailableError("away")
    answered = asyncio.Event()
    stage.chunks.before["fold", 1] = answered.wait
    working = asyncio.create_task(stage.handlers.chunk_ready(READY))
    try:
        await until(working.done)
    finally:
        answered.set()
    with pytest.raises(DocumentsUnavailableError, match="away"):
        await working


async def test_database_trouble_before_the_claim_leaves_the_chunk_alone(stage: Stage) -> None:
    """The message is handled again."""
    stage.chunks.before["claim", 1] = database_away
    with pytest.raises(DocumentsUnavailableError):
        await stage.handlers.chunk_ready(READY)
    assert (await stage.chunk()).attempts == 0
    await stage.handlers.chunk_ready(READY)
    assert stage.completed() == [0, 1, 2, 3]


async def test_the_message_of_a_paused_batch_is_dropped_and_its_chunk_left_alone(stage: Stage) -> None:
    """It is published again when the batch is resumed."""
    await stage.change(lambda b: b.with_pause(START))
    await stage.handlers.chunk_ready(READY)
    assert (stage.engine.developed, (await stage.chunk()).attempts) == ([], 0)
    await stage.documents.batches.change("b", lambda b: b.resumed(START))
    await stage.handlers.chunk_ready(READY)
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_batch_that_is_paused_meanwhile_has_its_chunk_handed_back(stage: Stage) -> None:
    """The message is dropped; what is known is kept, and neither an attempt nor a loss is counted."""
    stage.engine.held[b"original 0"] = asyncio.Event()
    stage.engine.held[b"original 1"] = asyncio.Event()
    working = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: {"0 begins", "1 begins"} <= set(stage.log))
    await pause(stage)
    for held in stage.engine.held.values():
        held.set()
    await working
    assert stage.completed() == [0, 1]
    assert stage.log[-2:] == ["[0, 1] kept", "handed back"]
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.lease_until) == (None, stage.clock())
    assert (chunk.unfinished_indexes, chunk.retries, chunk.losses) == ((2, 3), 0, 0)
    assert (stage.publisher.later, stage.publisher.of(ChunkFailed)) == ([], [])


async def test_a_batch_that_is_resumed_meanwhile_gets_its_message_back(stage: Stage) -> None:
    """Whoever resumed it may have looked for free chunks before this one was free."""
    stage.chunks.before["claim", 1] = lambda: pause(stage)
    stage.chunks.before["release_claim", 1] = lambda: resume(stage)
    with pytest.raises(BatchInactiveError):
        await stage.handlers.chunk_ready(READY)
    assert (await stage.chunk()).worker is None
    await stage.handlers.chunk_ready(READY)
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_chunk_of_an_older_generation_is_dropped(stage: Stage) -> None:
    """Its batch is being retried; a chunk of the retry has its images."""
    await stage.change(lambda b: b.changed(START, generation=1))
    await stage.handlers.chunk_ready(READY)
    chunk = await stage.chunk()
    assert (chunk.worker, stage.engine.developed) == (None, [])


async def test_a_worker_that_has_not_heard_of_a_retry_yet_gets_its_message_back(stage: Stage) -> None:
    """What it knew of the batch was a second old; the next time it knows."""
    await stage.handlers.chunk_ready(READY.model_copy(update={"chunk": 77}))
    await stage.documents.batches.change("b", lambda b: b.changed(START, generation=1))
    await stage.add_chunk(1, generation=1)
    retried = READY.model_copy(update={"chunk": 1})
    with pytest.raises(BatchInactiveError):
        await stage.handlers.chunk_ready(retried)
    await stage.handlers.chunk_ready(retried)
    assert stage.completed() == [4, 5, 6, 7]
    assert stage.retries() == []


async def test_a_claim_lost_in_the_middle_leaves_the_chunk_to_its_new_holder(stage: Stage) -> None:
    """The message is done with; what is known is kept for the other."""
    await stage.lose(SUSPICIOUS_LOSSES)
    stage.chunks.before["suspect", 5] = lambda: stage.hold_for("another")
    await stage.handlers.chunk_ready(READY)
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.unfinished_indexes) == ("another", (2, 3))
    assert (stage.completed(), stage.retries()) == ([0, 1], [])


async def test_cancelling_ends_the_work_at_once_and_hands_the_chunk_back(stage: Stage) -> None:
    """The drain's deadline: nothing goes on unowned, and the next worker has only the rest to do, at once."""
    stage.engine.held[b"original 2"] = asyncio.Event()
    working = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: stage.completed() == [0, 1, 3])
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.lease_until, chunk.unfinished_indexes) == (None, stage.clock(), (2,))
    assert (stage.engine.present, chunk.losses, stage.retries()) == (set(), 0, [])


async def test_cancelling_before_anything_is_known_hands_the_chunk_back(stage: Stage) -> None:
    """As if nobody had claimed it."""
    stage.engine.go_on.clear()
    working = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: stage.engine.at_work > 0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.outcomes, stage.engine.at_work) == (None, {}, 0)
    assert stage.publisher.published == []


async def test_cancelling_twice_does_not_interrupt_the_hand_back(stage: Stage) -> None:
    """An impatient operator sends a second signal."""
    stage.engine.held[b"original 2"] = asyncio.Event()
    going_on = asyncio.Event()
    stage.chunks.before["fold", 1] = going_on.wait
    working = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: stage.completed() == [0, 1, 3])
    working.cancel()
    await until(lambda: stage.chunks.calls["fold"] == 1)
    working.cancel()
    await asyncio.sleep(0)
    assert not working.done()
    going_on.set()
    with pytest.raises(asyncio.CancelledError):
        await working
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.unfinished_indexes) == (None, (2,))


async def test_a_stopping_worker_begins_no_image_and_gives_the_chunk_back(stage: Stage) -> None:
    """What is under way is finished, told and kept; the rest is another worker's, at once and as the same attempt."""
    stage.engine.go_on.clear()
    working = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: stage.engine.at_work == 2)
    stage.stopping.set()
    stage.engine.go_on.set()
    with pytest.raises(WorkerStoppingError):
        await working
    assert stage.completed() == [0, 1]
    assert stage.publisher.later == []
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.lease_until, chunk.retries) == (None, stage.clock(), 0)
    assert chunk.unfinished_indexes == (2, 3)


async def test_a_stopping_worker_claims_nothing(stage: Stage) -> None:
    """What was read ahead goes back as it is."""
    stage.stopping.set()
    with pytest.raises(WorkerStoppingError):
        await stage.handlers.chunk_ready(READY)
    assert (await stage.chunk()).attempts == 0
