"""All batches together: what is out, whose turn it is, and that neither is ever wrong for long."""

from collections import Counter
from functools import partial

import pytest

from shared.documents import TAKES_EXPRESS, Batch, Priority, WorkerRecord
from shared.errors import BrokerUnavailableError
from shared.messaging.messages import BatchSubmitted, ChunkReady
from tests.fakes import START, new_batch
from tests.unit.chunker.stage import Stage, settled

CHUNK_SECONDS = 1
"""Ten images in a chunk, of which nothing is known."""


@pytest.fixture
async def stage() -> Stage:
    """A chunker with one worker of four slots, for which eight chunks may be out."""
    stage = Stage(window_chunks=400, horizon_seconds=2)
    await report(stage)
    return stage


async def report(stage: Stage, id_: str = "w", slots: int = 4, *, express: bool = False) -> None:
    """Let a worker report itself."""
    capabilities = (TAKES_EXPRESS,) if express else ()
    record = WorkerRecord(
        id=id_,
        host="h",
        slots=slots,
        developed_images=0,
        capabilities=capabilities,
        started_at=START,
        seen_at=stage.clock(),
    )
    await stage.documents.workers.report(record)


async def submit(stage: Stage, batch_id: str, chunks: int = 1000, priority: Priority = "normal") -> list[int]:
    """Upload a batch of so many chunks of ten images; answers which of them are published at once."""
    batch = new_batch(batch_id, total_images=10 * chunks, chunk_size=10, now=stage.clock(), priority=priority)
    await stage.documents.batches.add(batch)
    await stage.handlers.work([BatchSubmitted(batch_id=batch_id)])
    return published(stage, batch_id)


def published(stage: Stage, batch_id: str) -> list[int]:
    """The chunks of a batch that were published since this was asked last."""
    found = [message.chunk for message in stage.publisher.of(ChunkReady) if message.batch_id == batch_id]
    rest = [message for message in stage.publisher.published if message.batch_id != batch_id]
    stage.publisher.published[:] = rest
    return found


async def settle(stage: Stage, batch_id: str, count: int) -> Batch:
    """Let the first so many chunks of a batch settle, as the tracker would; its message is not sent."""
    chunks = await stage.documents.chunks.overlapping(batch_id, 0, 10**6)
    await stage.fold(chunks[:count])
    return await stage.documents.batches.change(batch_id, lambda b: b.changed(stage.clock(), completed_chunks=count))


async def test_the_broker_holds_what_the_workers_do_within_the_horizon(stage: Stage) -> None:
    """Not a window for each batch."""
    assert await submit(stage, "a") == list(range(8))
    assert await submit(stage, "b") == []


async def test_a_settled_chunk_makes_room_for_whose_turn_it_is(stage: Stage) -> None:
    """Whichever batch it was of."""
    await submit(stage, "a")
    await submit(stage, "b")
    for count in range(1, 5):
        await settle(stage, "a", count)
        stage.clock.step(3)
        await report(stage)
        await stage.handlers.work([settled(count, "a")])
    assert (len(published(stage, "a")), len(published(stage, "b"))) == (2, 2)


def counting(batch: Batch, completed_chunks: int) -> Batch:
    """What the tracker does."""
    return batch.changed(batch.updated_at, completed_chunks=completed_chunks)


async def test_lanes_get_their_shares(stage: Stage) -> None:
    """And the batches of one lane equal ones, while chunks settle in the order in which they were published."""
    lanes: dict[str, Priority] = {"a": "normal", "b": "normal", "h": "high", "l": "low"}
    for batch_id, priority in lanes.items():
        await submit(stage, batch_id, priority=priority)
    stage.publisher.published.clear()
    batches = {batch_id: await stage.documents.batches.get(batch_id) for batch_id in lanes}
    order = [("a", number) for number in range(batches["a"].released_chunks)] if batches["a"] else []
    done: Counter[str] = Counter()
    for batch_id, number in order:
        if done.total() == 300:
            break
        chunk = await stage.documents.chunks.get(f"{batch_id}:{number}")
        assert chunk is not None
        await stage.fold([chunk])
        done[batch_id] += 1
        await stage.documents.batches.change(batch_id, partial(counting, completed_chunks=done[batch_id]))
        stage.clock.step(CHUNK_SECONDS / 4)
        await report(stage)
        await stage.handlers.work([settled(done[batch_id], batch_id)])
        order += [(message.batch_id, message.chunk) for message in stage.publisher.of(ChunkReady)]
        stage.publisher.published.clear()
    assert done.total() == 300
    for batch_id, share in {"a": 1 / 7, "b": 1 / 7, "h": 4 / 7, "l": 1 / 7}.items():
        assert done[batch_id] / 300 == pytest.approx(share, abs=0.05), done


async def test_a_new_batch_goes_ahead_when_all_workers_know_of_it(stage: Stage) -> None:
    """Its first quantum, by the express queue; its chunks remember how they were published."""
    await report(stage, express=True)
    await submit(stage, "giant")
    stage.clock.step(60)
    await report(stage, express=True)
    assert await submit(stage, "small", 3) == [0, 1, 2]
    chunks = await stage.documents.chunks.overlapping("small", 0, 100)
    assert [(chunk.express, chunk.cost_ms, chunk.owner) for chunk in chunks] == [(True, 1000, "local")] * 3


async def test_nothing_goes_ahead_where_an_older_worker_is(stage: Stage) -> None:
    """It would leave the chunks in their queue."""
    await report(stage, "new", express=True)
    await submit(stage, "a")
    assert not any(message.express for message in stage.publisher.of(ChunkReady))


async def test_the_first_worker_finds_work(stage: Stage) -> None:
    """Some chunks are out before any worker has been seen."""
    stage.clock.step(3600)
    assert len(await submit(stage, "a")) >= 2


async def test_whatever_was_lost_count_of_is_corrected_within_seconds(stage: Stage) -> None:
    """Chunks that settled unseen, as after lost messages, hold up no other batch."""
    await submit(stage, "a", 8)
    assert await submit(stage, "b") == []
    chunks = await stage.documents.chunks.overlapping("a", 0, 1000)
    await stage.fold(chunks)
    stage.clock.step(1)
    await report(stage)
    await stage.handlers.look_again()
    assert published(stage, "b") == list(range(8))


async def test_chunks_in_a_backoff_hold_up_nobody(stage: Stage) -> None:
    """A batch whose images fail for now keeps its chunks for a minute, and the room goes to others."""
    await submit(stage, "a")
    for number in range(8):
        await stage.documents.chunks.claim(f"a:{number}", "w.1", stage.clock(), stage.clock())
        later = stage.clock().replace(year=2030)
        await stage.documents.chunks.release_claim(f"a:{number}", "w.1", later, retries=1, not_before=later)
    stage.clock.step(1)
    await report(stage)
    await submit(stage, "b")
    assert len(published(stage, "a")) + len(published(stage, "b")) <= 8
    stage.clock.step(1)
    await report(stage)
    await stage.handlers.look_again()
    released = [(await stage.documents.batches.get(id_)) for id_ in "ab"]
    assert sum(batch.released_chunks for batch in released if batch) >= 16


async def test_a_lost_workers_chunks_hold_up_nobody(stage: Stage) -> None:
    """Its claims last for half a minute."""
    await report(stage, "other")
    await submit(stage, "a")
    for number in range(16):
        await stage.documents.chunks.claim(f"a:{number}", "w.1", stage.clock(), stage.clock())
    stage.clock.step(10)
    await report(stage, "other")
    published(stage, "a")
    await stage.handlers.work([settled(0, "a")])
    assert len(published(stage, "a")) == 8


@pytest.mark.parametrize("end", ["paused", "cancelled", "deleted"])
async def test_a_batch_that_rests_or_ends_holds_up_nobody(stage: Stage, end: str) -> None:
    """Noted by a message of the gateway, or by the next two sweeps."""
    await submit(stage, "a")
    await submit(stage, "b")
    now = stage.clock()
    changes = {
        "paused": lambda b: b.with_pause(now),
        "cancelled": lambda b: b.stopped("cancelled", now),
        "deleted": lambda b: b.stopped("cancelled", now).deleted(now),
    }
    await stage.documents.batches.change("a", changes[end])
    await stage.handlers.work([settled(0, "a")])
    assert published(stage, "b") == list(range(8))
    await submit(stage, "c")
    await stage.documents.batches.change("b", changes[end])
    for _ in range(2):
        await stage.reconciler.sweep()
    stage.clock.step(1)
    await report(stage)
    await stage.handlers.look_again()
    assert published(stage, "c") == list(range(8))


async def test_another_priority_acts_at_once(stage: Stage) -> None:
    """Chunks that are out keep the lane in which they were published; those that follow go into the new one."""
    await submit(stage, "a")
    await stage.documents.batches.change("a", lambda b: b.with_priority("high", stage.clock()))
    await settle(stage, "a", 2)
    stage.publisher.published.clear()
    stage.clock.step(3)
    await report(stage)
    await stage.handlers.work([settled(2, "a")])
    assert {message.priority for message in stage.publisher.of(ChunkReady)} == {"high"}
    chunks = await stage.documents.chunks.overlapping("a", 0, 1000)
    assert [chunk.priority for chunk in chunks] == ["normal"] * 8 + ["high"] * 2


async def test_a_chunker_that_takes_over_knows_what_is_out(stage: Stage) -> None:
    """By the documents, and so releases no more than there is room for, and nothing that is out already."""
    await submit(stage, "a")
    successor = stage.publishing(stage.publisher)
    published(stage, "a")
    await successor.work([BatchSubmitted(batch_id="b")])
    await stage.documents.batches.add(new_batch("b", total_images=100, chunk_size=10, now=stage.clock()))
    await successor.work([BatchSubmitted(batch_id="b"), settled(0, "a")])
    assert (published(stage, "a"), published(stage, "b")) == ([], [])
    await settle(stage, "a", 1)
    stage.clock.step(3)
    await report(stage)
    await successor.work([settled(1, "a")])
    assert len(published(stage, "a")) + len(published(stage, "b")) == 1


async def test_a_chunker_without_messages_leaves_what_waits_to_the_one_that_has_them(stage: Stage) -> None:
    """Unless there is room and nobody uses it for long, as when that one hangs."""
    await submit(stage, "a")
    await submit(stage, "b")
    standby = stage.publishing(stage.publisher)
    reconciler = stage.reconciling(standby)
    await settle(stage, "a", 8)
    stage.clock.step(1)
    await report(stage)
    await reconciler.sweep()
    await standby.look_again()
    assert (published(stage, "a"), published(stage, "b")) == ([], [])
    stage.clock.step(stage.settings.queued_lease_seconds)
    await report(stage)
    await reconciler.sweep()
    assert len(published(stage, "b")) + len(published(stage, "a")) == 8


async def test_a_broker_that_is_away_takes_nobody_s_turn(stage: Stage) -> None:
    """What could not be published waits as before."""
    stage.publisher.errors.append(BrokerUnavailableError("no confirm"))
    with pytest.raises(BrokerUnavailableError):
        await submit(stage, "a")
    stage.publisher.published.clear()
    await stage.handlers.look_again()
    assert sorted(published(stage, "a")) == list(range(8))


async def test_one_broken_batch_does_not_keep_others_from_being_released(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left out until it is heard of again, and whoever handles its message hears of it."""
    add = stage.documents.chunks.add

    async def refused(chunks: list[object]) -> None:
        if chunks[0].batch_id == "broken":  # type: ignore[attr-defined]  # chunks
            raise ValueError("no room")
        await add(chunks)  # type: ignore[arg-type]  # chunks

    monkeypatch.setattr(stage.documents.chunks, "add", refused)
    with pytest.raises(ExceptionGroup):
        await submit(stage, "broken")
    assert await submit(stage, "a") == list(range(8))
