"""Every recorded batch is told of, at once or by a later search, however the broker behaves."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.background.backlog import Backlog
from services.gateway.background.relay import CONCURRENCY, Relay
from shared.adapters.memory_documents import MemoryDocuments
from shared.documents import Batch, ChunkTotals
from shared.errors import BrokerUnavailableError
from shared.messaging.messages import BatchSubmitted, Message
from shared.running.lifecycle import Readiness, Stopping
from tests.fakes import START, RecordingPublisher, SteppingClock, new_batch, until

SWEEP_SECONDS = 5.0
MAX_BACKLOG_SECONDS = 30.0


class Outbox:
    """A relay and what it stands on."""

    def __init__(self) -> None:
        self.batches = MemoryDocuments().batches
        self.publisher = RecordingPublisher()
        self.clock = SteppingClock()
        self.readiness = Readiness()
        self.backlog = Backlog(self.clock, MAX_BACKLOG_SECONDS, self.readiness)
        self.relay = Relay(self.batches, self.publisher, self.clock, SWEEP_SECONDS, self.backlog)

    def told(self) -> list[str]:
        """The ids of the batches that were told of, in order."""
        return [message.batch_id for message in self.publisher.of(BatchSubmitted)]

    async def record(self, batch_id: str) -> None:
        """A batch that was not told of."""
        await self.batches.add(new_batch(batch_id).model_copy(update={"dispatched_at": None}))

    async def record_and_wake(self, batch_id: str) -> None:
        """A batch that this gateway has just recorded."""
        batch = new_batch(batch_id, now=self.clock()).model_copy(update={"dispatched_at": None})
        await self.batches.add(batch)
        self.relay.wake(batch)

    def fail(self, times: int = 1) -> None:
        """The broker confirms nothing so often."""
        self.publisher.errors.extend(BrokerUnavailableError("away") for _ in range(times))

    async def sweep(self) -> None:
        """Search as the relay's loop does, which outlives trouble with the broker."""
        with contextlib.suppress(BrokerUnavailableError):
            await self.relay.sweep()

    def takes_uploads(self) -> bool:
        """Whether the backlog is young enough."""
        try:
            self.backlog.refuse_if_too_old()
        except ApiError:
            return False
        return True

    async def is_dispatched(self, batch_id: str) -> bool:
        """Whether its document says so."""
        batch = await self.batches.get(batch_id)
        return batch is not None and batch.dispatched_at is not None


async def test_a_recorded_batch_is_told_of_at_once() -> None:
    """And then marked, so that no search finds it."""
    outbox = Outbox()
    await outbox.record("a")
    running = asyncio.create_task(outbox.relay.run(Stopping(), Readiness()))
    outbox.relay.wake(new_batch("a"))
    await until(lambda: outbox.told() == ["a"])
    await outbox.relay.flush()
    assert await outbox.is_dispatched("a")
    running.cancel()
    outbox.clock.step(60)
    await outbox.relay.sweep()
    assert outbox.told() == ["a"]


async def test_a_batch_whose_message_was_not_confirmed_is_found_by_a_search() -> None:
    """Not before its time, because the gateway that recorded it may be at it."""
    outbox = Outbox()
    await outbox.record("a")
    outbox.publisher.errors.append(BrokerUnavailableError("away"))
    outbox.relay.wake(new_batch("a"))
    await outbox.relay.flush()
    assert not await outbox.is_dispatched("a")
    await outbox.relay.sweep()
    assert outbox.told() == []
    outbox.clock.step(SWEEP_SECONDS)
    await outbox.relay.sweep()
    assert outbox.told() == ["a"]
    assert await outbox.is_dispatched("a")


async def test_a_search_goes_through_every_page() -> None:
    """However many batches are unfinished."""
    outbox = Outbox()
    for number in range(250):
        await outbox.record(f"{number:03}")
    outbox.clock.step(SWEEP_SECONDS)
    await outbox.relay.sweep()
    assert outbox.told() == [f"{number:03}" for number in range(250)]


async def test_what_waits_for_a_dead_broker_is_bounded() -> None:
    """The rest is left to the search."""
    outbox = Outbox()
    for number in range(1500):
        outbox.relay.wake(new_batch(str(number)))
    await outbox.relay.flush()
    assert len(outbox.told()) == 1000


async def test_a_batch_that_is_gone_meanwhile_is_let_go() -> None:
    """Nobody is stopped by it."""
    outbox = Outbox()
    outbox.relay.wake(new_batch("gone"))
    await outbox.record("a")
    outbox.relay.wake(new_batch("a"))
    await outbox.relay.flush()
    assert await outbox.is_dispatched("a")


def paused_and_resumed(batch: Batch) -> Batch:
    """The batch after a pause."""
    return batch.with_pause(START).resumed(START)


def cancelled_and_retried(batch: Batch) -> Batch:
    """The batch in its second generation."""
    return batch.stopped("cancelled", START).ended_early(ChunkTotals(), START).retried(START)


@pytest.mark.parametrize("since", [paused_and_resumed, cancelled_and_retried])
async def test_a_later_submission_is_not_marked_by_the_message_of_an_earlier(since: Callable[[Batch], Batch]) -> None:
    """The earlier may have found the batch at rest, so a resumed or retried one has to have a message of its own."""
    outbox = Outbox()
    await outbox.record("a")
    recorded = await outbox.batches.change("a", lambda batch: batch)
    await outbox.batches.change("a", since)
    outbox.relay.wake(recorded)
    await outbox.relay.flush()
    assert not await outbox.is_dispatched("a")


async def test_a_broker_that_is_away_makes_the_gateway_unready_until_it_is_back() -> None:
    """The search says so."""
    outbox, readiness = Outbox(), Readiness()
    await outbox.record("a")
    outbox.clock.step(SWEEP_SECONDS)
    outbox.fail()
    running = asyncio.create_task(outbox.relay.run(Stopping(), readiness))
    await until(lambda: readiness.problems == {"relay": "away"})
    running.cancel()


async def test_uploads_are_taken_again_once_everything_is_told() -> None:
    """Also what this gateway could not tell at once; nothing that was recorded is dropped meanwhile."""
    outbox = Outbox()
    outbox.fail(times=3)
    for batch_id in ("a", "b", "c"):
        await outbox.record_and_wake(batch_id)
    await outbox.relay.flush()
    outbox.clock.step(MAX_BACKLOG_SECONDS)
    assert outbox.takes_uploads()
    outbox.clock.step(1)
    assert not outbox.takes_uploads()
    outbox.fail(times=3)
    await outbox.sweep()
    assert not outbox.takes_uploads()
    assert "backlog" in outbox.readiness.problems
    await outbox.sweep()
    assert outbox.takes_uploads()
    assert outbox.readiness.problems == {}
    assert sorted(outbox.told()) == ["a", "b", "c"]


async def test_batches_of_other_gateways_count_as_well() -> None:
    """They are found on every page, also after the broker has failed on the first."""
    outbox = Outbox()
    for number in range(250):
        batch = new_batch(f"{number:03}", now=START + timedelta(seconds=0 if number == 249 else 20))
        await outbox.batches.add(batch.model_copy(update={"dispatched_at": None}))
    outbox.clock.step(31)
    outbox.fail(times=CONCURRENCY)
    await outbox.sweep()
    assert outbox.told() == []
    assert not outbox.takes_uploads()


async def test_batches_are_published_side_by_side_and_not_without_bound() -> None:
    """A broker that confirms slowly, or a database that writes slowly, holds up no more than it has to."""
    outbox = Outbox()
    outbox.publisher.go_on.clear()
    for number in range(2 * CONCURRENCY):
        await outbox.record_and_wake(str(number))
    running = asyncio.create_task(outbox.relay.run(Stopping(), Readiness()))
    await until(lambda: outbox.publisher.under_way == CONCURRENCY)
    outbox.publisher.go_on.set()
    await outbox.relay.flush()
    assert len(outbox.told()) == 2 * CONCURRENCY
    running.cancel()


async def test_a_broken_document_holds_up_no_other_and_does_not_end_the_gateway() -> None:
    """It is left to the sweep, which says so."""
    outbox = Outbox()
    outbox.publisher.errors.append(ValueError("broken"))
    for batch_id in ("a", "b"):
        await outbox.record_and_wake(batch_id)
    await outbox.relay.flush()
    assert outbox.told() == ["b"]


async def test_a_search_notes_what_waits_before_it_waits_for_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blocked broker takes its time to refuse one message."""
    outbox = Outbox()
    await outbox.record("a")
    outbox.clock.step(31)
    blocked = asyncio.Event()

    async def block(_message: Message) -> None:
        await blocked.wait()
        raise BrokerUnavailableError("blocked")

    monkeypatch.setattr(outbox.publisher, "publish", block)
    searching = asyncio.create_task(outbox.sweep())
    await until(lambda: not outbox.takes_uploads())
    assert not searching.done()
    blocked.set()
    await searching


async def test_what_others_have_told_is_no_backlog() -> None:
    """The next search finds nothing of it."""
    outbox = Outbox()
    outbox.fail()
    await outbox.record_and_wake("a")
    await outbox.relay.flush()
    await outbox.batches.change("a", lambda batch: batch.dispatched(START))
    outbox.clock.step(31)
    assert not outbox.takes_uploads()
    await outbox.sweep()
    assert outbox.takes_uploads()


@pytest.mark.parametrize("held", [lambda b: b.with_pause(START), lambda b: b.stopped("cancelled", START)])
async def test_what_is_not_to_be_developed_is_no_backlog(held: Callable[[Batch], Batch]) -> None:
    """Paused or stopped before the chunker was told: it would do nothing."""
    outbox = Outbox()
    outbox.fail(times=2)
    await outbox.record_and_wake("a")
    await outbox.relay.flush()
    await outbox.batches.change("a", held)
    outbox.clock.step(31)
    await outbox.sweep()
    assert outbox.takes_uploads()


async def test_a_young_batch_is_kept_through_a_search() -> None:
    """The search leaves it to whoever recorded it, and so must not take it for told."""
    outbox = Outbox()
    outbox.fail()
    await outbox.record_and_wake("a")
    await outbox.relay.flush()
    outbox.clock.step(SWEEP_SECONDS - 1)
    await outbox.sweep()
    outbox.clock.step(31)
    assert not outbox.takes_uploads()


async def test_a_batch_that_is_gone_is_no_backlog() -> None:
    """There is nobody to tell of."""
    outbox = Outbox()
    outbox.relay.wake(new_batch("gone"))
    outbox.clock.step(31)
    assert not outbox.takes_uploads()
    await outbox.relay.flush()
    assert outbox.takes_uploads()


async def test_a_retried_batch_counts_from_its_retry() -> None:
    """However long ago it was uploaded."""
    outbox = Outbox()
    finished = new_batch("a").changed(START, status="FAILURE", failed_images=10)
    await outbox.batches.add(finished)
    outbox.clock.step(5000)
    outbox.fail(times=2)
    outbox.relay.wake(await outbox.batches.change("a", lambda batch: batch.retried(outbox.clock())))
    await outbox.relay.flush()
    outbox.clock.step(MAX_BACKLOG_SECONDS)
    await outbox.sweep()
    assert outbox.takes_uploads()
    outbox.clock.step(1)
    assert not outbox.takes_uploads()
