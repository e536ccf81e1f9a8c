"""The ports of one simulated process: every call goes through its `Life`, where anything may happen to it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, cast

from shared.adapters.memory_broker import _MemoryDelivery, _MemorySubscription
from shared.messages import Message
from shared.ports import BatchStore, ChunkStore, Delivery, ManifestStore, ObjectStore, Subscription, WorkerRegister
from shared.topology import Queue, RetryStep
from tests.simulation.chance import Server
from tests.simulation.ledger import Ledger
from tests.simulation.lives import Life

OnError = Callable[..., None]


class SimulatedPublisher:
    """A `Publisher`."""

    def __init__(self, life: Life, ledger: Ledger) -> None:
        self._life = life
        self._ledger = ledger

    async def publish(self, message: Message) -> None:
        """See `Publisher`."""
        await self._send(message, partial(self._life.broker.accept, message))

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        """See `Publisher`."""
        await self._send(message, partial(self._life.broker.accept_later, message, step))

    async def _send(self, message: Message, accept: Callable[[], Awaitable[None]]) -> None:
        async def effect() -> None:
            await accept()
            self._ledger.published(message)

        what = f"publish {message.message_id}"
        await self._life.reach("broker", what, effect, partial(self._ledger.not_published, message))


class SimulatedSubscriber:
    """A `Subscriber` without the progress hints, which no simulated service listens to."""

    def __init__(self, life: Life, ledger: Ledger) -> None:
        self._life = life
        self._ledger = ledger

    @asynccontextmanager
    async def subscribe(self, queue: Queue, prefetch: int) -> AsyncIterator[Subscription]:
        """See `Subscriber`."""
        life = self._life

        async def begin() -> _MemorySubscription:
            subscription = life.broker.consume(queue, prefetch)
            life.subscriptions.append(subscription)
            return subscription

        subscription = await life.reach("broker", f"subscribe {queue.name}", begin)
        try:
            yield SimulatedSubscription(life, self._ledger, subscription)
        finally:
            if not life.crashed:
                life.broker.leave(subscription)

    def subscribe_progress(self) -> AbstractAsyncContextManager[Subscription]:
        """See `Subscriber`."""
        raise NotImplementedError

    async def waiting(self, queue: Queue) -> int:
        """See `Subscriber`."""
        return await self._life.reach("broker", f"waiting {queue.name}", partial(self._life.broker.waiting, queue))


class SimulatedSubscription:
    """A `Subscription` whose acknowledgements are judged."""

    def __init__(self, life: Life, ledger: Ledger, inner: _MemorySubscription) -> None:
        self._life = life
        self._ledger = ledger
        self._inner = inner

    async def next(self) -> Delivery | None:
        """See `Subscription`."""
        delivery = await self._inner.next()
        return SimulatedDelivery(self, delivery) if isinstance(delivery, _MemoryDelivery) else None

    async def ack_through(self, delivery: Delivery) -> None:
        """See `Subscription`."""
        if isinstance(delivery, SimulatedDelivery):
            unsettled = self._inner._unsettled
            await self.settle([d for number, d in unsettled.items() if number <= delivery.inner.number])

    async def settle(self, deliveries: list[_MemoryDelivery]) -> None:
        """Acknowledge what the broker still thinks is here."""

        async def effect() -> None:
            for delivery in deliveries:
                if delivery.number in self._inner._unsettled:
                    self._ledger.acknowledged(delivery.body)
                    await delivery.ack()

        await self.reach("ack", effect, partial(self._return, deliveries))

    async def reach(
        self, what: str, effect: Callable[[], Awaitable[None]], when_lost: Callable[[], Awaitable[None]]
    ) -> None:
        """Settle something. The process may crash before or after; if the connection breaks, nobody here is told."""
        life = self._life
        life.check_alive()
        fault = life.chance.fault(life.name, "broker", what)
        if fault == "crash before":
            life.crash("crashes there")
        life.check_alive()
        await (when_lost() if fault == "error before" else effect())
        if fault == "crash after":
            life.crash("crashes there")
        life.check_alive()

    async def _return(self, deliveries: list[_MemoryDelivery]) -> None:
        for delivery in reversed(deliveries):
            await delivery.requeue()

    async def stop(self) -> None:
        """See `Subscription`."""
        self._life.check_alive()
        await self._inner.stop()


class SimulatedDelivery:
    """A `Delivery`."""

    def __init__(self, subscription: SimulatedSubscription, inner: _MemoryDelivery) -> None:
        self.inner = inner
        self._subscription = subscription

    @property
    def body(self) -> bytes:
        """See `Delivery`."""
        return self.inner.body

    @property
    def redelivered(self) -> bool:
        """See `Delivery`."""
        return self.inner.redelivered

    async def ack(self) -> None:
        """See `Delivery`."""
        await self._subscription.settle([self.inner])

    async def requeue(self) -> None:
        """See `Delivery`."""
        await self._subscription.reach("requeue", self.inner.requeue, self.inner.requeue)

    async def dead_letter(self, reason: str) -> None:
        """See `Delivery`."""
        await self._subscription.reach("dead-letter", partial(self.inner.dead_letter, reason), self.inner.requeue)


class _Reached:
    """A store seen through a life: each of its coroutine methods is one call to a server."""

    def __init__(self, life: Life, server: Server, store: object, hooks: Mapping[str, OnError]) -> None:
        self._life = life
        self._server = server
        self._store = store
        self._hooks = hooks

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        on_error = self._hooks.get(name)

        async def reached(*args: Any, **kwargs: Any) -> Any:
            what = f"{name} {args[0]}" if args and isinstance(args[0], str) else name
            failed = partial(on_error, *args) if on_error else None
            return await self._life.reach(self._server, what, partial(method, *args, **kwargs), failed)

        setattr(self, name, reached)  # made once
        return reached


def reached_batches(life: Life, store: object) -> BatchStore:
    """Batches through a life."""
    return cast("BatchStore", _Reached(life, "documents", store, {}))


def reached_manifests(life: Life, store: object) -> ManifestStore:
    """Manifests through a life."""
    return cast("ManifestStore", _Reached(life, "documents", store, {}))


def reached_chunks(life: Life, store: object) -> ChunkStore:
    """Chunks through a life."""
    return cast("ChunkStore", _Reached(life, "documents", store, {}))


def reached_workers(life: Life, store: object) -> WorkerRegister:
    """The register of workers through a life."""
    return cast("WorkerRegister", _Reached(life, "documents", store, {}))


def reached_objects(life: Life, store: object, on_error: OnError) -> ObjectStore:
    """Objects through a life; `on_error` is told the key of each call that fails."""
    return cast("ObjectStore", _Reached(life, "objects", store, {"get": on_error, "put": on_error}))
