"""A service of its own process that answers each submitted batch: `python -m …answering_process <AMQP URL>`."""

import sys

import uvloop

from shared.adapters.rabbitmq import hosts, open_broker
from shared.messaging.messages import BatchSubmitted
from shared.messaging.topology import WORK
from shared.running.consuming import consume_each
from shared.running.lifecycle import Readiness, Stopping, run_until_signal
from tests.integration.broker.traffic import numbered

IN_HAND = 10


async def answer(stopping: Stopping) -> None:
    """Answer the batch "7" with `numbered(7)`, until stopping."""
    async with (
        open_broker(sys.argv[1], "answering", Readiness()) as broker,
        broker.subscriber.subscribe(WORK, IN_HAND) as subscription,
    ):

        async def handle(message: BatchSubmitted) -> None:
            await broker.publisher.publish(numbered(int(message.batch_id)))

        await consume_each(subscription, BatchSubmitted, handle, concurrency=IN_HAND, stopping=stopping)


if __name__ == "__main__":
    hosts.HEARTBEAT_SECONDS = 1  # so that a pause of seconds is a long one
    uvloop.run(run_until_signal(answer))  # as services run
