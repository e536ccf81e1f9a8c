"""Every exchange, queue and binding by name: who sends what to whom, and where dead letters end up.

The names are what an operator sees in RabbitMQ's management UI. The README's table is tested against this module.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from shared.documents import PRIORITIES, Priority
from shared.messaging.messages import RESULT_MESSAGES, BatchSubmitted, ChunkReady, ChunkSettled

EVENTS = "darkroom.events"
"""Topic exchange: every message between services, under its type as routing key."""

PROGRESS = "darkroom.progress"
"""Fanout exchange: hints to all gateways that a batch has moved on."""

RETRY = "darkroom.retry"
"""Headers exchange: chunks that wait out a backoff, sorted by `RETRY_STEP_HEADER`. Their routing key stays their own,
so when a step's time is over they are dead-lettered to `EVENTS` and find the queue that they came from."""

DEAD = "darkroom.dead"
"""Direct exchange: messages that could not be read or finished; routing key = the queue it was taken from."""

EXCHANGE_TYPES: dict[str, Literal["topic", "fanout", "headers", "direct"]] = {
    EVENTS: "topic",
    PROGRESS: "fanout",
    RETRY: "headers",
    DEAD: "direct",
}
"""Every exchange; all are durable."""

RETRY_STEP_HEADER = "retry-step"
"""Names the `RetryStep` of a message on its way through `RETRY`. RabbitMQ does not match headers named `x-…`."""

REASON_HEADER = "x-darkroom-reason"
"""Says in a dead letter why a consumer gave it up."""

DELIVERY_LIMIT = 50
"""Deliveries of one message before RabbitMQ dead-letters it. Explicit and positive: RabbitMQ 3.10 has no default
and drops messages at -1, 4.x has 20."""

DEAD_DELIVERY_LIMIT = 1_000_000
"""Deliveries of one dead letter before it is dropped: each look at it in the management UI is one."""

PROGRESS_QUEUE_PREFIX = "gateway.progress"
"""Each gateway hears of progress in an exclusive queue `gateway.progress.<random>`, gone with its connection."""

PROBES_QUEUE_PREFIX = "probes"
"""Each service probes whether RabbitMQ takes messages, into an exclusive queue `probes.<random>` of its own that keeps
the last probe only. Without a queue, the management UI would count every probe as unroutable."""

PROGRESS_PREFETCH = 200
"""Hints read ahead by a gateway in one process with its broker; RabbitMQ sends them as fast as they are read."""

PROGRESS_QUEUE_LENGTH = 10_000
"""Hints kept for a gateway that does not read; the oldest are dropped, for a later one says the same."""


@dataclass(frozen=True)
class Queue:
    """A durable quorum queue, named after the service that consumes it, and the routing keys that reach it."""

    name: str
    routing_keys: tuple[str, ...]
    has_one_consumer: bool = False
    """Whether one consumer at a time gets its messages. Others stand by, and one takes over what it leaves."""

    @property
    def dead_letter_queue(self) -> str:
        """Where this queue's undecodable or undeliverable messages are kept for people."""
        return f"{self.name}.dead"


@dataclass(frozen=True)
class RetryStep:
    """A queue in which chunks wait `delay_seconds` before they are ready again.

    One queue per step, because a message with a short time to live waits behind one with a long one.
    """

    name: str
    delay_seconds: int

    @property
    def queue(self) -> str:
        """The waiting queue's name."""
        return f"worker.retry.{self.name}"


WORK = Queue("chunker.work", (BatchSubmitted.topic(), ChunkSettled.topic()), has_one_consumer=True)
RETIRED = tuple(Queue(name, ()) for name in ("chunker.batches", "chunker.settled"))
"""What chunkers up to version 0.2 consume instead. Nobody else does, so that messages would pile up there."""
RESULTS = Queue("tracker.results", tuple(message.topic() for message in RESULT_MESSAGES))
CHUNKS: dict[Priority, Queue] = {
    priority: Queue(f"worker.chunks.{priority}", (ChunkReady.topic(priority),)) for priority in PRIORITIES
}
EXPRESS = Queue("worker.chunks.express", (ChunkReady.topic("express"),))
"""The first chunks of each batch, of any priority. Only workers with `TAKES_EXPRESS` consume it."""

RETRY_STEPS = (RetryStep("2s", 2), RetryStep("10s", 10), RetryStep("30s", 30))
"""One step for each of the three retries: exponential backoff; the worker adds jitter before."""


def find_queue(name: str) -> Queue | None:
    """The work queue of that name, or of its dead letters' name; None if there is none."""
    return next((queue for queue in work_queues() if name in {queue.name, queue.dead_letter_queue}), None)


def work_queues() -> Iterator[Queue]:
    """Every queue that a service consumes, in the order of the flow."""
    yield WORK
    yield EXPRESS
    yield from CHUNKS.values()
    yield RESULTS
