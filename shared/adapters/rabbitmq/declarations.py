"""Declares on RabbitMQ what `shared.messaging.topology` names; doing it again changes nothing.

The arguments mean the same on RabbitMQ 3.10 and 4.x. Changing one needs a new queue name: a queue that exists with
others is refused.
"""

from uuid import uuid4

from aio_pika.abc import AbstractChannel, AbstractQueue
from pamqp.common import FieldTable

from shared.messaging.topology import (
    DEAD,
    DEAD_DELIVERY_LIMIT,
    DELIVERY_LIMIT,
    EVENTS,
    EXCHANGE_TYPES,
    PROBES_QUEUE_PREFIX,
    PROGRESS,
    PROGRESS_QUEUE_LENGTH,
    PROGRESS_QUEUE_PREFIX,
    RETRY,
    RETRY_STEP_HEADER,
    RETRY_STEPS,
    Queue,
    RetryStep,
    work_queues,
)

_QUORUM: FieldTable = {"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}

_DEAD_LETTERING_AT_LEAST_ONCE: FieldTable = {
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",  # without it, RabbitMQ falls back to at-most-once
}


async def declare_topology(channel: AbstractChannel) -> None:
    """Make sure that every durable exchange, queue and binding exists, the targets of dead letters first."""
    for name, exchange_type in EXCHANGE_TYPES.items():
        await channel.declare_exchange(name, exchange_type, durable=True)
    for queue in work_queues():
        await _declare_work_queue(channel, queue)
    for step in RETRY_STEPS:
        await _declare_retry_queue(channel, step)


async def _declare_work_queue(channel: AbstractChannel, queue: Queue) -> None:
    dead = await channel.declare_queue(
        queue.dead_letter_queue, durable=True, arguments={**_QUORUM, "x-delivery-limit": DEAD_DELIVERY_LIMIT}
    )
    await dead.bind(DEAD, queue.name)
    arguments: FieldTable = {
        **_QUORUM,
        **_DEAD_LETTERING_AT_LEAST_ONCE,
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-routing-key": queue.name,
    }
    if queue.has_one_consumer:
        arguments["x-single-active-consumer"] = True
    declared = await channel.declare_queue(queue.name, durable=True, arguments=arguments)
    for key in queue.routing_keys:
        await declared.bind(EVENTS, key)


async def _declare_retry_queue(channel: AbstractChannel, step: RetryStep) -> None:
    arguments: FieldTable = {
        **_QUORUM,
        **_DEAD_LETTERING_AT_LEAST_ONCE,
        "x-message-ttl": step.delay_seconds * 1000,
        "x-dead-letter-exchange": EVENTS,  # without a routing key of its own, so the message keeps the one it has
    }
    declared = await channel.declare_queue(step.queue, durable=True, arguments=arguments)
    await declared.bind(RETRY, step.queue, arguments={"x-match": "all", RETRY_STEP_HEADER: step.name})


async def declare_work_queue(channel: AbstractChannel, queue: Queue) -> AbstractQueue:
    """The queue, ready to be consumed, and everything around it."""
    await declare_topology(channel)
    return await channel.get_queue(queue.name, ensure=False)


async def declare_progress_queue(channel: AbstractChannel) -> AbstractQueue:
    """A queue of this connection's own that gets every hint from now on.

    Its name is new each time, because the broker may still hold the last one for a connection that it has not
    yet found dead.
    """
    await declare_topology(channel)
    name = f"{PROGRESS_QUEUE_PREFIX}.{uuid4().hex[:8]}"
    arguments: FieldTable = {"x-max-length": PROGRESS_QUEUE_LENGTH}
    queue = await channel.declare_queue(name, exclusive=True, auto_delete=True, arguments=arguments)
    await queue.bind(PROGRESS, "")
    return queue


async def declare_probes_queue(channel: AbstractChannel) -> AbstractQueue:
    """A queue of this connection's own for its probes; its name is new each time, as above."""
    name = f"{PROBES_QUEUE_PREFIX}.{uuid4().hex[:8]}"
    return await channel.declare_queue(name, exclusive=True, arguments={"x-max-length": 1})
