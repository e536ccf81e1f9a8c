import asyncio
from datetime import timedelta
from typing import Literal

import pytest
from structlog.testing import capture_logs

from services.worker.handlers import MOST_CLAIMS, SENTENCES, WorkerHandlers
from services.worker.images import ImageDeveloper, WorkerStoppingError
from services.worker.imaging.failures import ImageRejected
from services.worker.leases import Leases
from services.worker.recent_batches import RecentBatches
from services.worker.results import ResultOutbox
from shared.adapters.memory_documents import MemoryDocuments
from shared.adapters.object_store import open_object_store
from shared.documents import Chunk, Folding, Outcome, original_key
from shared.errors import BrokerUnavailableError, StorageUnavailableError, TransientError
from shared.lifecycle import Stopping
from shared.messages import ChunkFailed, ChunkReady, ImageCompleted, ImageFailed, encode
from shared.topology import RETRY_STEPS
from tests.fakes import (
    START,
    Crash,
    CrashError,
    FakeImageEngine,
    RecordingPublisher,
    SteppingClock,
    new_batch,
    until,
)

READY = ChunkReady(batch_id="b", chunk=0)
LAST = READY.model_copy(update={"attempt": len(RETRY_STEPS)})
LEASE_SECONDS = 30.0


@pytest.fixture(autouse=True)
def one_result_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted here are results; that they may share messages is tested beside this."""
    monkeypatch.setattr("services.worker.results.MOST_RESULTS", 1)
    monkeypatch.setattr("services.worker.handlers.RETRY_JITTER", 0)


class Stage:
    """Workers over memory; a batch of one chunk with four images is released."""

    def __init__(self) -> None:
        self.documents = MemoryDocuments()
        self.objects = open_object_store("memory://")
        self.publisher = RecordingPublisher()
        self.engine = FakeImageEngine()
        self.stopping = Stopping()
        self.clock = SteppingClock()
        self.leases = Leases(self.documents.chunks, "w", self.clock, LEASE_SECONDS)
        self.handlers = self.worker(self.leases)

    def worker(self, leases: Leases, worker_id: str = "w", crash: Crash | None = None) -> WorkerHandlers:
        """Another worker, or one that will end as ordered."""
        crash = crash or Crash(-1, "before")
        images = ImageDeveloper(crash.watch(self.objects), self.engine, worker_id, 2, self.stopping)
        return WorkerHandlers(
            RecentBatches(crash.watch(self.documents.batches), self.clock),
            crash.watch(self.documents.chunks),
            crash.watch(self.publisher),
            ResultOutbox(crash.watch(self.publisher)),
            images,
            leases,
            self.stopping,
        )

    async def set_up(self) -> None:
        """Record batch, chunk and originals."""
        await self.documents.batches.add(new_batch(total_images=4, chunk_size=4).released(1, START))
        await self.documents.chunks.add([Chunk(batch_id="b", number=0, indexes=(0, 1, 2, 3), lease_until=START)])
        for index in range(4):
            await self.objects.put(original_key("b", index), b"original %d" % index)

    async def fold(self, *indexes: int) -> None:
        """Give images an outcome, as the tracker does."""
        outcomes = dict.fromkeys(indexes, Outcome(state="completed"))
        await self.documents.chunks.fold([Folding(chunk_id="b:0", outcomes=outcomes)])

    async def chunk(self) -> Chunk:
        """The chunk as recorded."""
        (chunk,) = await self.documents.chunks.overlapping("b", 0, 4)
        return chunk

    def completed(self) -> list[int]:
        """The images that were told completed."""
        return sorted(message.index for message in self.publisher.of(ImageCompleted))


@pytest.fixture
async def stage() -> Stage:
    """A released chunk that nobody has claimed."""
    stage = Stage()
    await stage.set_up()
    return stage


async def test_a_chunk_is_claimed_developed_and_told_image_by_image(stage: Stage) -> None:
    """One result for each image, and the claim is in the chunk's document."""
    await stage.handlers.chunk_ready(READY, redelivered=False)
    assert stage.completed() == [0, 1, 2, 3]
    assert stage.publisher.later == []
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.attempts) == ("w", 1)
    assert chunk.lease_until == START + timedelta(seconds=LEASE_SECONDS)


async def test_images_with_an_outcome_are_not_developed_again(stage: Stage) -> None:
    """A retry or a redelivery does only what is missing."""
    await stage.fold(0, 2)
    await stage.handlers.chunk_ready(READY, redelivered=True)
    assert stage.completed() == [1, 3]
    assert sorted(stage.engine.developed) == [b"original 1", b"original 3"]


async def test_a_settled_chunk_is_not_developed_again(stage: Stage) -> None:
    """Handled twice is handled once, as soon as the results are folded."""
    await stage.handlers.chunk_ready(READY, redelivered=False)
    await stage.fold(0, 1, 2, 3)
    await stage.handlers.chunk_ready(READY, redelivered=True)
    assert stage.completed() == [0, 1, 2, 3]
    assert (await stage.chunk()).attempts == 1


async def test_the_siblings_of_a_rejected_image_are_completed(stage: Stage) -> None:
    """Bad input is named and the rest goes on; nothing is retried for it."""
    stage.engine.instead[b"original 1"] = ImageRejected("unreadable", "This is not an image.")
    await stage.handlers.chunk_ready(READY, redelivered=False)
    assert stage.completed() == [0, 2, 3]
    (failed,) = stage.publisher.of(ImageFailed)
    assert (failed.index, failed.code) == (1, "unreadable")
    assert (stage.publisher.later, stage.publisher.of(ChunkFailed)) == ([], [])


@pytest.mark.parametrize("attempt", range(len(RETRY_STEPS)))
async def test_transient_trouble_is_retried_on_the_step_of_its_attempt(stage: Stage, attempt: int) -> None:
    """The siblings are told now, the chunk comes back later, and nobody holds or misses it meanwhile."""
    stage.engine.instead[b"original 1"] = StorageUnavailableError("the store is down")
    message = READY.model_copy(update={"attempt": attempt})
    await stage.handlers.chunk_ready(message, redelivered=False)
    assert stage.completed() == [0, 2, 3]
    ((retry, step),) = stage.publisher.later
    assert retry == READY.model_copy(update={"attempt": attempt + 1})
    assert step is RETRY_STEPS[attempt]
    chunk = await stage.chunk()
    assert chunk.worker is None
    assert chunk.lease_until > stage.clock() + timedelta(seconds=step.delay_seconds)
    assert stage.publisher.of(ChunkFailed) == []


async def test_after_the_last_attempt_the_chunk_fails_with_the_last_cause(stage: Stage) -> None:
    """Retried at most three times; then its unfinished images end, with a code that says why."""
    stage.engine.instead[b"original 1"] = StorageUnavailableError("the store is down")
    await stage.handlers.chunk_ready(LAST, redelivered=False)
    assert stage.completed() == [0, 2, 3]
    (failed,) = stage.publisher.of(ChunkFailed)
    assert (failed.batch_id, failed.chunk, failed.code) == ("b", 0, "storage_unavailable")
    assert failed.message == SENTENCES["storage_unavailable"]
    assert stage.publisher.later == []


async def test_an_unexpected_exception_is_retried_like_trouble_and_logged(stage: Stage) -> None:
    """A bug of ours costs retries, then the one image; the log has its traceback and whose image it was."""
    stage.engine.instead[b"original 1"] = KeyError("a bug")
    with capture_logs() as logs:
        await stage.handlers.chunk_ready(READY, redelivered=False)
    (entry,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert (entry["batch_id"], entry["chunk_id"], entry["image_index"], entry["exc_info"]) == ("b", "b:0", 1, True)
    assert [step for _, step in stage.publisher.later] == [RETRY_STEPS[0]]
    await stage.handlers.chunk_ready(LAST, redelivered=False)
    (failed,) = stage.publisher.of(ChunkFailed)
    assert failed.code == "internal_error"


async def test_a_cause_however_long_and_strange_fits_into_a_message(stage: Stage) -> None:
    """Larger than 64 KiB it could not be read, and the chunk would never end."""
    strange = "down \udcff " + "x" * 100_000
    stage.engine.instead[b"original 1"] = StorageUnavailableError(strange, for_owner=strange)
    await stage.handlers.chunk_ready(LAST, redelivered=False)
    (failed,) = stage.publisher.of(ChunkFailed)
    assert len(encode(failed)) < 2000


async def test_a_duplicate_is_dropped_while_another_worker_has_the_chunk(stage: Stage) -> None:
    """Its lease is alive, so the results are on their way."""
    other = stage.worker(Leases(stage.documents.chunks, "other", stage.clock, LEASE_SECONDS), "other")
    stage.engine.go_on.clear()
    first = asyncio.create_task(stage.handlers.chunk_ready(READY, redelivered=False))
    await until(lambda: stage.engine.at_work > 0)
    await other.chunk_ready(READY, redelivered=False)
    stage.engine.go_on.set()
    await first
    assert stage.completed() == [0, 1, 2, 3]
    assert {message.worker for message in stage.publisher.of(ImageCompleted)} == {"w"}


async def test_a_redelivery_takes_over_a_live_lease(stage: Stage) -> None:
    """The broker saw the former holder go; waiting for its lease would only cost time."""
    await stage.documents.chunks.claim("b:0", "gone", START, START + timedelta(hours=1), take_over=False)
    await stage.handlers.chunk_ready(READY, redelivered=True)
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_lease_that_ran_out_does_not_stand_in_the_way(stage: Stage) -> None:
    """What the reconciler sends again is no redelivery."""
    await stage.documents.chunks.claim("b:0", "gone", START, START + timedelta(seconds=30), take_over=False)
    await stage.handlers.chunk_ready(READY, redelivered=False)
    assert stage.completed() == []
    stage.clock.step(31)
    await stage.handlers.chunk_ready(READY, redelivered=False)
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_chunk_claimed_too_often_is_given_up(stage: Stage) -> None:
    """It ended its worker each time; nobody touches its images again, so that the batch can end."""
    for _ in range(MOST_CLAIMS):
        await stage.documents.chunks.claim("b:0", "w", START, START, take_over=True)
    await stage.handlers.chunk_ready(READY, redelivered=True)
    (failed,) = stage.publisher.of(ChunkFailed)
    assert failed.code == "crashed"
    assert stage.engine.developed == []


async def test_one_claim_fewer_is_still_developed(stage: Stage) -> None:
    """The limit is exact."""
    for _ in range(MOST_CLAIMS - 1):
        await stage.documents.chunks.claim("b:0", "w", START, START, take_over=True)
    await stage.handlers.chunk_ready(READY, redelivered=True)
    assert stage.completed() == [0, 1, 2, 3]


async def test_chunks_of_finished_or_unknown_batches_are_passed_over(stage: Stage) -> None:
    """A revoked batch's chunks are still in the queues."""
    await stage.documents.batches.change("b", lambda b: b.changed(START, status="REVOKED"))
    await stage.handlers.chunk_ready(READY, redelivered=False)
    await stage.handlers.chunk_ready(ChunkReady(batch_id="nobody", chunk=0), redelivered=False)
    assert stage.publisher.published == []


async def test_leases_are_renewed_while_a_chunk_is_in_hand(stage: Stage) -> None:
    """A long chunk does not count as lost; one that is done is let go."""
    stage.engine.go_on.clear()
    working = asyncio.create_task(stage.handlers.chunk_ready(READY, redelivered=False))
    await until(lambda: stage.engine.at_work > 0)
    stage.clock.step(20)
    await stage.leases.renew()
    renewed = START + timedelta(seconds=20 + LEASE_SECONDS)
    assert (await stage.chunk()).lease_until == renewed
    stage.engine.go_on.set()
    await working
    stage.clock.step(20)
    await stage.leases.renew()
    assert (await stage.chunk()).lease_until == renewed


async def test_a_handler_returns_only_when_every_result_is_confirmed(stage: Stage) -> None:
    """The consume loop acks on return, so a result must not be under way then."""
    confirm = asyncio.Event()
    publish = stage.publisher.publish

    async def slow(message: ImageCompleted) -> None:
        await confirm.wait()
        await publish(message)

    stage.publisher.publish = slow  # type: ignore[assignment,method-assign]  # this test holds the confirms back
    working = asyncio.create_task(stage.handlers.chunk_ready(READY, redelivered=False))
    await until(lambda: len(stage.engine.developed) == 4)
    assert not working.done()
    confirm.set()
    await working
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_result_that_is_not_confirmed_is_retried_with_its_chunk(stage: Stage) -> None:
    """The image is developed again: twice the work, and no image lost."""
    stage.publisher.errors.append(BrokerUnavailableError("no confirm"))
    await stage.handlers.chunk_ready(READY, redelivered=False)
    assert len(stage.completed()) == 3
    assert [step for _, step in stage.publisher.later] == [RETRY_STEPS[0]]


async def test_a_retry_that_is_not_confirmed_is_left_to_redelivery(stage: Stage) -> None:
    """The handler raises, so the message is not acked."""
    stage.engine.instead[b"original 1"] = StorageUnavailableError("down")
    stage.publisher.errors.extend([BrokerUnavailableError("no confirm")] * 4)
    with pytest.raises(BrokerUnavailableError):
        await stage.handlers.chunk_ready(READY, redelivered=False)


async def test_cancelling_ends_the_work_at_once(stage: Stage) -> None:
    """The drain's deadline: nothing more is told, nothing goes on unowned."""
    stage.engine.go_on.clear()
    working = asyncio.create_task(stage.handlers.chunk_ready(READY, redelivered=False))
    await until(lambda: stage.engine.at_work > 0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert stage.engine.at_work == 0
    assert stage.publisher.published == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("trouble", [False, True])
async def test_a_crash_at_any_call_loses_no_image(
    trouble: bool,  # noqa: FBT001 - a parameter of the test
    when: Literal["before", "after"],
) -> None:
    """Whichever call the worker ends at, each image is told, or its chunk is waiting for a retry."""
    for at in range(100):
        stage = Stage()
        await stage.set_up()
        if trouble:
            stage.engine.instead[b"original 1"] = StorageUnavailableError("down")
        crash = Crash(at, when)
        try:
            await stage.worker(stage.leases, crash=crash).chunk_ready(READY, redelivered=False)
        except CrashError:
            stage.clock.step(1)
            survivor = stage.worker(Leases(stage.documents.chunks, "next", stage.clock, 30), "next")
            await survivor.chunk_ready(READY, redelivered=True)
        told = set(stage.completed())
        assert told >= {0, 2, 3}, f"crash {when} call {at}"
        assert 1 in told or {retry.attempt for retry, _ in stage.publisher.later if isinstance(retry, ChunkReady)} == {
            1
        }
        if not crash.has_happened:
            return
    pytest.fail("the handler never ran without a crash")


async def test_a_redelivery_to_the_same_worker_ends_with_the_first_delivery(stage: Stage) -> None:
    """After a lost connection the chunk is still in hand: it is developed once, and claimed once."""
    stage.engine.go_on.clear()
    first = asyncio.create_task(stage.handlers.chunk_ready(READY, redelivered=False))
    await until(lambda: stage.engine.at_work > 0)
    again = asyncio.create_task(stage.handlers.chunk_ready(READY, redelivered=True))
    await asyncio.sleep(0)
    assert not again.done()
    stage.engine.go_on.set()
    await asyncio.gather(first, again)
    assert stage.completed() == [0, 1, 2, 3]
    (chunk,) = await stage.documents.chunks.overlapping("b", 0, 4)
    assert chunk.attempts == 1


async def test_a_redelivery_outlives_a_first_delivery_that_failed(stage: Stage) -> None:
    """It goes back to the queue, and the next delivery starts afresh."""
    stage.engine.go_on.clear()
    first = asyncio.create_task(stage.handlers.chunk_ready(READY, redelivered=False))
    await until(lambda: stage.engine.at_work > 0)
    again = asyncio.create_task(stage.handlers.chunk_ready(READY, redelivered=True))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(TransientError):
        await again
    stage.engine.go_on.set()
    await stage.handlers.chunk_ready(READY, redelivered=True)
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_stopping_worker_begins_no_image_and_gives_the_chunk_back(stage: Stage) -> None:
    """What is under way is finished and told; the rest is another worker's, at once and as the same attempt."""
    stage.engine.go_on.clear()
    working = asyncio.create_task(stage.handlers.chunk_ready(READY, redelivered=False))
    await until(lambda: stage.engine.at_work == 2)
    stage.stopping.set()
    stage.engine.go_on.set()
    with pytest.raises(WorkerStoppingError):
        await working
    assert len(stage.completed()) == 2
    assert stage.publisher.later == []
    (chunk,) = await stage.documents.chunks.overlapping("b", 0, 4)
    assert (chunk.worker, chunk.lease_until) == (None, stage.clock())
