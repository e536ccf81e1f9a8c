"""A process that stands still for longer than the broker waits for its heartbeat, and then goes on."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import aio_pika
import pytest

from shared.adapters.rabbitmq import open_broker
from shared.messaging.messages import BatchSubmitted
from shared.messaging.topology import WORK
from shared.running.lifecycle import Readiness
from tests.integration.broker.traffic import NUMBERED, Eventually, number_of, take
from tests.processes import RunningProcess

MESSAGES = 600


@pytest.fixture
def answering(rabbitmq_url: str, tmp_path: Path) -> Iterator[RunningProcess]:
    """A service that answers."""
    command = [sys.executable, "-m", "tests.integration.broker.answering_process", rabbitmq_url]
    process = RunningProcess("answering", command, {"PATH": "/usr/bin:/bin"}, tmp_path / "log")
    yield process
    if process.is_running:
        process.signal(signal.SIGKILL)
        process.wait()


async def test_a_paused_process_loses_its_connections_and_nothing_else(
    rabbitmq_url: str, answering: RunningProcess, eventually: Eventually
) -> None:
    """It comes back by itself in the middle of its work, and answers everything at least once."""
    async with (
        open_broker(rabbitmq_url, "test", Readiness()) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=100) as subscription,
        await aio_pika.connect(rabbitmq_url) as connection,
        await connection.channel() as channel,
    ):
        await asyncio.gather(*(broker.publisher.publish(BatchSubmitted(batch_id=str(n))) for n in range(MESSAGES)))
        missing = set(range(MESSAGES))

        async def take_answers(left: int) -> None:
            while len(missing) > left:
                delivery = await take(subscription)
                missing.discard(number_of(delivery))
                await delivery.ack()

        async def broker_has_lost_patience() -> bool:
            batches = await channel.declare_queue(WORK.name, passive=True)
            return batches.declaration_result.consumer_count == 0

        await take_answers(left=MESSAGES - 50)
        answering.signal(signal.SIGSTOP)
        await eventually(broker_has_lost_patience)
        answering.signal(signal.SIGCONT)
        await take_answers(left=0)
        answering.signal(signal.SIGTERM)
        assert await asyncio.to_thread(answering.wait) == 0
    assert "broker_channel_lost" in answering.log_file.read_text()
