"""Finds out whether RabbitMQ still takes messages, and says so, even while a service has nothing to publish."""

import asyncio
from typing import NoReturn

import structlog
from aio_pika import DeliveryMode
from aio_pika import Message as Envelope
from aio_pika.abc import AbstractChannel, AbstractExchange

from shared.adapters.rabbitmq.connection import Connection
from shared.adapters.rabbitmq.declarations import declare_probes_queue
from shared.adapters.rabbitmq.driver_errors import translated
from shared.errors import BrokerUnavailableError
from shared.running.lifecycle import Readiness

log = structlog.get_logger()

REFUSED = "RabbitMQ refuses messages: memory or disk alarm"

LOOK_SECONDS = 0.5
"""Between two looks at whether RabbitMQ has blocked the connection."""

LOOKS_PER_PROBE = 10
"""So there is a probe every 5 s: RabbitMQ tells a connection of its alarm only once something is published on it."""

LOOKS_PER_ANSWER = 60
"""A broker that leaves a probe without an answer for half a minute needs another channel."""


class PublisherWatch:
    """The watch of a publishing channel: reports an alarm as `part` of the readiness until it is over.

    Other than that, it raises `BrokerUnavailableError` when nothing is confirmed any more, though the channel is open.
    """

    def __init__(self, connection: Connection, part: str, readiness: Readiness) -> None:
        self._connection = connection
        self._part = part
        self._readiness = readiness

    async def watch(self, channel: AbstractChannel) -> NoReturn:
        """Probe until the channel is lost."""
        with translated("declare the queue of probes"):
            probes = await declare_probes_queue(channel)
        while True:
            if await self._connection.is_blocked():
                await self._wait_out_the_alarm()
            await self._probe(channel.default_exchange, probes.name)
            await self._rest()

    async def _probe(self, exchange: AbstractExchange, queue: str) -> None:
        """Return once a probe is confirmed, or RabbitMQ has refused it."""
        probe = Envelope(b"", delivery_mode=DeliveryMode.NOT_PERSISTENT)
        probing = asyncio.ensure_future(exchange.publish(probe, queue, mandatory=False))
        try:
            for _ in range(LOOKS_PER_ANSWER):
                confirmed, _pending = await asyncio.wait([probing], timeout=LOOK_SECONDS)
                if confirmed:
                    with translated("publish a probe"):
                        await probing
                    return
                if await self._connection.is_blocked():
                    return
            raise BrokerUnavailableError("RabbitMQ confirms nothing")
        finally:
            probing.cancel()
            await asyncio.gather(probing, return_exceptions=True)

    async def _rest(self) -> None:
        """Wait until the next probe is due, or RabbitMQ has refused something, be it a probe or the service's own."""
        for _ in range(LOOKS_PER_PROBE):
            await asyncio.sleep(LOOK_SECONDS)
            if await self._connection.is_blocked():
                return

    async def _wait_out_the_alarm(self) -> None:
        self._readiness.report(self._part, REFUSED)
        log.warning("broker_refuses_messages", part=self._part)
        await self._connection.wait_until_unblocked()
        self._readiness.report(self._part, None)
        log.info("broker_takes_messages_again", part=self._part)
