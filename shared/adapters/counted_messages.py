"""Messages counted on their way to the broker and from it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter

from shared.documents import PRIORITIES
from shared.messaging.messages import ChunkReady, Message
from shared.messaging.topology import RETRY_STEPS, Queue, RetryStep
from shared.metrics.observed import observed
from shared.ports import Delivery, Publisher, Subscriber, Subscription


class Messages:
    """Counts of what is sent and received."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.published = Counter(
            "darkroom_messages_published_total", "Messages that the broker confirmed.", ["type"], registry=registry
        )
        self.received = Counter(
            "darkroom_messages_received_total", "Messages taken from a queue.", ["queue"], registry=registry
        )
        self.retries = Counter(
            "darkroom_chunk_retries_total", "Chunks that were sent into a backoff.", ["step"], registry=registry
        )
        self.released_chunks = Counter(
            "darkroom_chunks_released_total", "Chunks sent to workers, lost ones again.", ["lane"], registry=registry
        )
        self.released_cost = Counter(
            "darkroom_released_cost_seconds_total",
            "Processor time that these chunks are predicted to take.",
            ["lane"],
            registry=registry,
        )
        # Prometheus sees no first event of a series that begins with it.
        for step in RETRY_STEPS:
            self.retries.labels(step.name)
        for priority in PRIORITIES:
            self.released_chunks.labels(priority)
            self.released_cost.labels(priority)


@dataclass(frozen=True)
class CountedPublisher:
    """A `Publisher`."""

    publisher: Publisher
    messages: Messages

    async def publish(self, message: Message) -> None:
        await self.publisher.publish(message)
        self.messages.published.labels(message.type).inc()
        if isinstance(message, ChunkReady):
            self.messages.released_chunks.labels(message.priority).inc()
            self.messages.released_cost.labels(message.priority).inc(message.cost_ms / 1000)

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        await self.publisher.publish_later(message, step)
        self.messages.published.labels(message.type).inc()
        self.messages.retries.labels(step.name).inc()


@dataclass(frozen=True)
class CountedSubscriber:
    """A `Subscriber`. Deliveries are handed on as they are, for their adapter knows them again."""

    subscriber: Subscriber
    messages: Messages

    def subscribe(self, queue: Queue, prefetch: int) -> AbstractAsyncContextManager[Subscription]:
        return self._counted(self.subscriber.subscribe(queue, prefetch), queue.name)

    def subscribe_progress(self) -> AbstractAsyncContextManager[Subscription]:
        # The queue's own name is random.
        return self._counted(self.subscriber.subscribe_progress(), "gateway.progress")

    async def waiting(self, queue: Queue) -> int:
        return await self.subscriber.waiting(queue)

    async def remove_unused(self, queue: Queue) -> None:
        await self.subscriber.remove_unused(queue)

    @asynccontextmanager
    async def _counted(
        self, subscribing: AbstractAsyncContextManager[Subscription], queue: str
    ) -> AsyncIterator[Subscription]:
        received = self.messages.received.labels(queue)

        def count(_seconds: float, answer: Delivery | Exception | None) -> None:
            if answer is not None and not isinstance(answer, Exception):
                received.inc()

        async with subscribing as subscription:
            yield observed(subscription, {"next": count})
