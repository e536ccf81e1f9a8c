"""A subscription that is told to stop at every bad moment; tests/contract/broker has what it does otherwise."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from shared.adapters.rabbitmq.connection import Connection
from shared.adapters.rabbitmq.subscription import RabbitSubscription
from shared.running.lifecycle import Readiness
from tests.fakes import DEADLINE_SECONDS, until


class FakeMessage:
    """One delivery."""

    def __init__(self, tag: int) -> None:
        self.delivery_tag, self.body, self.channel = tag, b"{}", self
        self.settled: list[str] = []

    async def nack(self, *, requeue: bool) -> None:
        """Note it."""
        self.settled.append(f"nack, requeue {requeue}")


class FakeQueue:
    """A queue that gives what it is told to give to its last consumer."""

    name = "work"

    def __init__(self) -> None:
        self.take: Callable[[AbstractIncomingMessage], Awaitable[None]] | None = None
        self.declared = 0
        self.may_be_declared = asyncio.Event()
        self.may_be_declared.set()
        self.may_be_cancelled = asyncio.Event()
        self.may_be_cancelled.set()

    async def declare(self, _channel: AbstractChannel) -> AbstractQueue:
        """Itself, as soon as it may be declared."""
        self.declared += 1
        await self.may_be_declared.wait()
        return cast("AbstractQueue", self)

    async def consume(
        self,
        take: Callable[[AbstractIncomingMessage], Awaitable[None]],
        no_ack: bool,  # noqa: FBT001 - as the driver has it
    ) -> str:
        """Give what comes to `take`."""
        assert not no_ack
        self.take = take
        return "tag"

    async def cancel(self, _tag: str) -> None:
        """Confirm that nothing more comes, as soon as that may be confirmed."""
        await self.may_be_cancelled.wait()

    async def give(self, message: FakeMessage) -> None:
        """Deliver."""
        assert self.take is not None
        await self.take(cast("AbstractIncomingMessage", message))


class FakeRabbitmq:
    """A connection that opens channels, each of which may be lost."""

    def __init__(self) -> None:
        self.losses: list[Callable[[object, object], object]] = []

    async def channel(self) -> Any:
        """A new channel."""
        underlay = SimpleNamespace(on_consumer_cancel_callbacks=set[object]())
        return SimpleNamespace(
            close_callbacks=SimpleNamespace(add=self.losses.append),
            set_qos=_answering(None),
            get_underlay_channel=_answering(underlay),
            close=_answering(None),
        )


def _answering(value: object) -> Callable[..., Awaitable[object]]:
    async def answer(**_options: object) -> object:
        return value

    return answer


@asynccontextmanager
async def subscribed(queue: FakeQueue, rabbitmq: FakeRabbitmq) -> AsyncIterator[RabbitSubscription]:
    """Consume the queue."""

    async def dead_letter(message: AbstractIncomingMessage, reason: str) -> None:
        raise AssertionError(message, reason)

    subscription = RabbitSubscription(queue.declare, 10, dead_letter)
    async with subscription.running(cast("Connection", rabbitmq), "consume work", Readiness()):
        yield subscription


async def test_what_was_read_ahead_goes_back_once_however_often_it_is_stopped() -> None:
    """A second signal may come while the first is obeyed."""
    queue, message = FakeQueue(), FakeMessage(1)
    async with subscribed(queue, FakeRabbitmq()) as subscription:
        await queue.give(message)
        await subscription.stop()
        await subscription.stop()
        assert [await subscription.next(), await subscription.next()] == [None, None]
    assert message.settled == ["nack, requeue True"]


async def test_what_comes_after_the_stop_goes_back_when_nothing_more_can_come() -> None:
    """Given back earlier it would come to this process again, and again."""
    queue, message = FakeQueue(), FakeMessage(1)
    queue.may_be_cancelled.clear()
    async with subscribed(queue, FakeRabbitmq()) as subscription:
        stopping = asyncio.create_task(subscription.stop())
        await asyncio.sleep(0)
        giving = asyncio.create_task(queue.give(message))
        await asyncio.sleep(0)
        assert message.settled == []
        queue.may_be_cancelled.set()
        await asyncio.gather(stopping, giving)
        assert await subscription.next() is None
    assert message.settled == ["nack, requeue True"]


async def test_a_stop_while_another_channel_is_set_up_lets_it_consume_nothing() -> None:
    """There is nothing yet that could be stopped, and then there must not be."""
    queue, rabbitmq = FakeQueue(), FakeRabbitmq()
    async with subscribed(queue, rabbitmq) as subscription:
        queue.take = None
        queue.may_be_declared.clear()
        rabbitmq.losses[0](None, ConnectionError("reset"))
        await until(lambda: queue.declared == 2)
        await subscription.stop()
        queue.may_be_declared.set()
        await asyncio.wait_for(subscription._channel.current(), DEADLINE_SECONDS)
        assert await subscription.next() is None
    assert queue.take is None
