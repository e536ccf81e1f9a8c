import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from shared.errors import BrokerUnavailableError, DocumentsUnavailableError
from shared.messaging.messages import BatchProgressed, BatchSubmitted, ChunkSettled, Message
from shared.running.consuming import consume_each, consume_in_batches
from shared.running.lifecycle import Stopping
from tests.fakes import FakeDelivery, FakeSubscription, HastyStopping, until


class Handler:
    """Notes what it is given; raises what `errors` holds for a batch id, as often as it holds something."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.errors: dict[str, list[Exception]] = {}
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.at_work = 0
        self.most_at_work = 0

    async def each(self, message: BatchSubmitted) -> None:
        """Handle one message."""
        await self.many([message])

    async def many(self, messages: Sequence[Message]) -> None:
        """Handle messages in one go."""
        self.calls.append([message.batch_id for message in messages])
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await self.go_on.wait()
        finally:
            self.at_work -= 1
        for message in messages:
            if self.errors.get(message.batch_id):
                raise self.errors[message.batch_id].pop(0)

    @property
    def handled(self) -> list[str]:
        """The batch ids of all calls, one after the other."""
        return [batch_id for call in self.calls for batch_id in call]


class Stage:
    """A subscription, its handler and the signal to stop."""

    def __init__(self) -> None:
        self.subscription = FakeSubscription()
        self.handler = Handler()
        self.stopping: Stopping = HastyStopping()

    def put(self, batch_id: str) -> FakeDelivery:
        """Let a message arrive."""
        return self.subscription.put(BatchSubmitted(batch_id=batch_id))

    @asynccontextmanager
    async def each(self, concurrency: int = 1) -> AsyncIterator[None]:
        """Consume each; on leaving, stop and wait for the end."""
        loop = consume_each(
            self.subscription, BatchSubmitted, self.handler.each, concurrency=concurrency, stopping=self.stopping
        )
        async with self._running(asyncio.create_task(loop)):
            yield

    @asynccontextmanager
    async def batches(self, limit: int = 3, wait_seconds: float = 0.01) -> AsyncIterator[None]:
        """Consume in batches; on leaving, stop and wait for the end."""
        loop = consume_in_batches(
            self.subscription,
            (BatchSubmitted, ChunkSettled),
            self.handler.many,
            limit=limit,
            wait_seconds=wait_seconds,
            stopping=self.stopping,
        )
        async with self._running(asyncio.create_task(loop)):
            yield

    @asynccontextmanager
    async def _running(self, task: asyncio.Task[None]) -> AsyncIterator[None]:
        try:
            yield
            self.stopping.set()
            async with asyncio.timeout(10):
                await task
        finally:
            task.cancel()
        assert all(len(delivery.settled) <= 1 for delivery in self.subscription.handed_out), "settled twice"


@pytest.fixture
def stage() -> Stage:
    """Nothing has arrived yet."""
    return Stage()


def settled(*deliveries: FakeDelivery) -> Callable[[], bool]:
    """Whether all of these deliveries are settled."""
    return lambda: all(delivery.settled for delivery in deliveries)


async def test_a_message_is_acked_only_after_its_handler_returned(stage: Stage) -> None:
    """The ack says that every effect is durable."""
    stage.handler.go_on.clear()
    async with stage.each():
        delivery = stage.put("a")
        await until(lambda: stage.handler.calls == [["a"]])
        assert delivery.settled == []
        stage.handler.go_on.set()
        await until(settled(delivery))
    assert delivery.settled == ["ack"]


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "not a message"),
        (b"\xff\xfe", "not a message"),
        (b"", "not a message"),
        (b'{"type": "batch.submitted", "version": 2, "batch_id": "a"}', "version"),
        (b'{"type": "batch.submitted"}', "batch_id"),
        (b'{"type": "something.else"}', "something.else"),
        (b'{"type": "batch.submitted", "batch_id": "' + b"x" * 70_000 + b'"}', "larger than"),
        (b'{"type": "chunk.ready", "batch_id": "a", "chunk": 0}', "chunk.ready message does not belong"),
    ],
    ids=["text", "not utf-8", "empty", "newer version", "field missing", "unknown type", "huge", "wrong queue"],
)
async def test_what_cannot_be_read_is_dead_lettered_and_the_next_message_handled(
    stage: Stage,
    body: bytes,
    reason: str,
    batched: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A poison message is named and put aside; it neither comes back nor holds anybody up."""
    poison = stage.subscription.put(body)
    good = stage.put("good")
    async with stage.batches() if batched else stage.each():
        await until(settled(poison, good))
    assert len(poison.settled) == 1
    assert poison.settled[0].startswith("dead: ")
    assert reason in poison.settled[0]
    assert good.settled == ["ack"]
    assert stage.handler.handled == ["good"]


@pytest.mark.parametrize("problem", [BrokerUnavailableError("no confirm"), KeyError("a fault of ours")])
@pytest.mark.parametrize("batched", [False, True])
async def test_what_cannot_even_be_dead_lettered_goes_back(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    batched: bool,  # noqa: FBT001 - a parameter of the test
    problem: Exception,
) -> None:
    """The broker has it again rather than nobody, whatever went wrong."""

    async def fail(_self: FakeDelivery, _reason: str) -> None:
        raise problem

    monkeypatch.setattr(FakeDelivery, "dead_letter", fail)
    poison, good = stage.subscription.put(b"not json"), stage.put("good")
    async with stage.batches() if batched else stage.each():
        await until(settled(poison, good))
    assert (poison.settled, good.settled) == (["reject"], ["ack"])


async def test_an_outage_of_the_database_costs_no_delivery(stage: Stage) -> None:
    """The message is handled again in place until the database is back: fifty deliveries would be soon used up."""
    stage.handler.errors["a"] = [DocumentsUnavailableError("down")] * 60
    delivery = stage.put("a")
    async with stage.each():
        await until(settled(delivery))
    assert delivery.settled == ["ack"]
    assert len(stage.handler.calls) == 61


@pytest.mark.parametrize("error", [BrokerUnavailableError("down"), KeyError("bug")])
async def test_a_failing_handler_rejects_after_a_pause(stage: Stage, error: Exception) -> None:
    """Not acked, and not at once: a broken database is not asked as fast as the broker delivers."""
    paused_before_reject: list[bool] = []

    class NotingStopping(HastyStopping):
        async def sleep(self, seconds: float) -> bool:
            paused_before_reject.append(delivery.settled == [])
            return await super().sleep(seconds)

    stage.stopping = NotingStopping()
    stage.handler.errors["a"] = [error]
    delivery = stage.put("a")
    async with stage.each():
        await until(settled(delivery))
        again = stage.put("a")
        await until(settled(again))
    assert (delivery.settled, again.settled) == (["reject"], ["ack"])
    assert paused_before_reject == [True]


async def test_no_more_messages_are_handled_at_a_time_than_allowed(stage: Stage) -> None:
    """Concurrency bounds memory; up to it, one slow message holds up no other."""
    stage.handler.go_on.clear()
    deliveries = [stage.put(str(number)) for number in range(5)]
    async with stage.each(concurrency=2):
        await until(lambda: stage.handler.at_work == 2)
        await asyncio.sleep(0)
        assert len(stage.subscription.handed_out) == 2
        stage.handler.go_on.set()
        await until(settled(*deliveries))
    assert stage.handler.most_at_work == 2


async def test_stopping_finishes_what_is_in_hand_and_takes_no_more(stage: Stage) -> None:
    """A drain: in hand is acked, read ahead goes back, and then the loop ends."""
    stage.handler.go_on.clear()
    in_hand, read_ahead = stage.put("in hand"), stage.put("read ahead")
    async with stage.each():
        await until(lambda: stage.handler.at_work == 1)
        stage.stopping.set()
        await until(lambda: stage.subscription.given_back == [read_ahead])
        assert in_hand.settled == []
        stage.handler.go_on.set()
    assert in_hand.settled == ["ack"]
    assert read_ahead.settled == []
    assert stage.handler.handled == ["in hand"]


async def test_stopping_does_not_wait_for_a_pause(stage: Stage) -> None:
    """Backoff is no reason to be killed by the supervisor: the message goes back, or was handled at the last moment."""

    class SlowStopping(Stopping):
        async def sleep(self, seconds: float) -> bool:
            return await super().sleep(3600 + seconds)

    stage.stopping = SlowStopping()
    stage.handler.errors["a"] = [DocumentsUnavailableError("down")]
    delivery = stage.put("a")
    async with stage.each():
        await until(lambda: stage.handler.calls == [["a"]])
    assert delivery.settled == ["ack"]
    assert stage.handler.calls == [["a"], ["a"]]


async def test_a_batch_is_handled_as_soon_as_it_is_full(stage: Stage) -> None:
    """By count, without waiting for the time to pass."""
    deliveries = [stage.put(str(number)) for number in range(6)]
    async with stage.batches(limit=3, wait_seconds=3600):
        await until(settled(*deliveries))
    assert stage.handler.calls == [["0", "1", "2"], ["3", "4", "5"]]
    assert all(delivery.settled == ["ack"] for delivery in deliveries)


async def test_a_batch_that_does_not_fill_is_handled_when_its_time_is_over(stage: Stage) -> None:
    """By time: nobody waits for company for ever."""
    delivery = stage.put("alone")
    async with stage.batches(limit=100, wait_seconds=0.001):
        await until(settled(delivery))
        later = stage.put("later")
        await until(settled(later))
    assert stage.handler.calls == [["alone"], ["later"]]


async def test_nothing_is_lost_when_the_time_is_over_just_as_a_message_arrives(stage: Stage) -> None:
    """Messages trickle in around the end of the wait; each is handled once."""
    async with stage.batches(limit=100, wait_seconds=0.0005):
        deliveries = []
        for number in range(200):
            deliveries.append(stage.put(str(number)))
            for _ in range(number % 9):
                await asyncio.sleep(0)
        await until(settled(*deliveries))
    assert stage.handler.handled == [str(number) for number in range(200)]


async def test_a_batch_is_acked_only_after_it_was_handled(stage: Stage) -> None:
    """The fold's majority write comes first."""
    stage.handler.go_on.clear()
    deliveries = [stage.put("a"), stage.put("b")]
    async with stage.batches(limit=2):
        await until(lambda: stage.handler.at_work == 1)
        assert not any(delivery.settled for delivery in deliveries)
        stage.handler.go_on.set()
        await until(settled(*deliveries))


async def test_a_batch_waits_out_trouble_that_will_pass(stage: Stage) -> None:
    """Retried in place: an outage costs no delivery, so the delivery limit cannot end a result."""
    stage.handler.errors["a"] = [DocumentsUnavailableError("down")] * 60
    deliveries = [stage.put("a"), stage.put("b")]
    async with stage.batches(limit=2):
        await until(settled(*deliveries))
    assert stage.handler.calls == [["a", "b"]] * 61
    assert [delivery.settled for delivery in deliveries] == [["ack"], ["ack"]]


async def test_one_message_that_always_fails_does_not_hold_up_its_batch(stage: Stage) -> None:
    """The others are acked before anybody pauses for it; it goes back, and its delivery limit ends it."""
    stage.handler.errors["bad"] = [KeyError("bug")] * 2
    first, bad, last = stage.put("first"), stage.put("bad"), stage.put("last")
    at_reject: list[list[str]] = []
    reject = bad.reject

    async def noted() -> None:
        at_reject.append(last.settled.copy())
        await reject()

    bad.reject = noted  # type: ignore[method-assign]  # to see the others at that moment
    async with stage.batches(limit=3):
        await until(settled(first, bad, last))
    assert (first.settled, bad.settled, last.settled) == (["ack"], ["reject"], ["ack"])
    assert at_reject == [["ack"]]


async def test_trouble_that_will_pass_is_waited_out_for_single_messages_too(stage: Stage) -> None:
    """A database that goes down while a poison message is being found costs the others no delivery."""
    stage.handler.errors["bad"] = [KeyError("bug"), KeyError("bug")]
    stage.handler.errors["good"] = [DocumentsUnavailableError("down")] * 5
    bad, good = stage.put("bad"), stage.put("good")
    async with stage.batches(limit=2):
        await until(settled(bad, good))
    assert (bad.settled, good.settled) == (["reject"], ["ack"])


async def test_stopping_handles_a_batch_in_hand_in_one_go(stage: Stage) -> None:
    """Five hundred results one by one would outlast the drain."""
    deliveries = [stage.put(str(number)) for number in range(3)]
    async with stage.batches(limit=100, wait_seconds=3600):
        await until(lambda: len(stage.subscription.handed_out) == 3)
        stage.stopping.set()
    assert stage.handler.calls == [["0", "1", "2"]]
    assert all(delivery.settled == ["ack"] for delivery in deliveries)


async def test_stopping_during_trouble_gives_the_batch_back(stage: Stage) -> None:
    """The trouble may outlast the drain; another tracker gets the results."""
    stage.handler.errors["a"] = [DocumentsUnavailableError("down")] * 1000
    deliveries = [stage.put("a"), stage.put("b")]
    async with stage.batches(limit=2):
        await until(lambda: len(stage.handler.calls) > 2)
    assert [delivery.settled for delivery in deliveries] == [["hand back"], ["hand back"]]
    assert stage.handler.calls == [["a", "b"]] * len(stage.handler.calls)


@pytest.mark.parametrize("batched", [False, True])
async def test_an_idle_loop_ends_when_told(stage: Stage, batched: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Nothing in hand, nothing to wait for."""
    async with stage.batches() if batched else stage.each():
        await asyncio.sleep(0)
    assert stage.handler.calls == []


def test_a_hint_is_no_work() -> None:
    """`BatchProgressed` belongs to gateways; the type check of a queue keeps it out of handlers."""
    assert not isinstance(BatchProgressed(batch_id="a", batch_version=1), (BatchSubmitted, ChunkSettled))


async def test_a_batch_of_which_nothing_can_be_read_is_not_handled(stage: Stage) -> None:
    """Its handler would be called with nothing."""
    async with stage.batches(limit=2):
        unreadable = [stage.subscription.put(b"{}"), stage.subscription.put(b"what")]
        await until(settled(*unreadable))
        await until(settled(readable := stage.put("a")))
    assert [delivery.settled[0].partition(":")[0] for delivery in unreadable] == ["dead", "dead"]
    assert (stage.handler.calls, readable.settled) == ([["a"]], ["ack"])


async def test_messages_that_fail_only_together_are_handled_one_by_one(stage: Stage) -> None:
    """Such as a write that was too large: none goes back to the queue."""
    stage.handler.errors["a"] = [ValueError("too large together")]
    async with stage.batches(limit=2):
        deliveries = [stage.put("a"), stage.put("b")]
        await until(settled(*deliveries))
    assert stage.handler.calls == [["a", "b"], ["a"], ["b"]]
    assert [delivery.settled for delivery in deliveries] == [["ack"], ["ack"]]
