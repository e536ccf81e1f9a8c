"""Every recorded batch is told of, at once or by a later search, however the broker behaves."""

import asyncio

from services.gateway.relay import Relay
from shared.adapters.memory_documents import MemoryDocuments
from shared.errors import BrokerUnavailableError
from shared.lifecycle import Readiness, Stopping
from shared.messages import BatchSubmitted
from tests.fakes import RecordingPublisher, SteppingClock, new_batch, until

SWEEP_SECONDS = 5.0


class Outbox:
    """A relay and what it stands on."""

    def __init__(self) -> None:
        self.batches = MemoryDocuments().batches
        self.publisher = RecordingPublisher()
        self.clock = SteppingClock()
        self.relay = Relay(self.batches, self.publisher, self.clock, SWEEP_SECONDS)

    def told(self) -> list[str]:
        """The ids of the batches that were told of, in order."""
        return [message.batch_id for message in self.publisher.of(BatchSubmitted)]

    async def record(self, batch_id: str) -> None:
        """A batch that was not told of."""
        await self.batches.add(new_batch(batch_id).model_copy(update={"dispatched_at": None}))

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


async def test_a_newer_generation_is_not_marked_by_the_message_of_an_older() -> None:
    """It has a message of its own."""
    outbox = Outbox()
    await outbox.batches.add(new_batch("a").model_copy(update={"generation": 1, "dispatched_at": None}))
    outbox.relay.wake(new_batch("a"))
    await outbox.relay.flush()
    assert not await outbox.is_dispatched("a")


async def test_a_broker_that_is_away_makes_the_gateway_unready_until_it_is_back() -> None:
    """The search says so."""
    outbox, readiness = Outbox(), Readiness()
    await outbox.record("a")
    outbox.clock.step(SWEEP_SECONDS)
    outbox.publisher.errors.append(BrokerUnavailableError("away"))
    running = asyncio.create_task(outbox.relay.run(Stopping(), readiness))
    await until(lambda: readiness.problems == {"relay": "away"})
    running.cancel()
