"""The hosts of one RabbitMQ or of a cluster, and how a connection to one of them is made."""

import asyncio
import secrets
from collections import deque

import aio_pika
import structlog
from aio_pika.abc import AbstractConnection

from shared.adapters.rabbitmq.driver_errors import translated
from shared.errors import BrokerUnavailableError
from shared.running.broker_url import parse_broker_url

log = structlog.get_logger()

HEARTBEAT_SECONDS = 10
"""A silent connection counts as lost after three heartbeats; the driver's default of 60 s would take three minutes."""

HOST_SECONDS = 3.0
"""Longest that one of several hosts may take: one that is silent must not use up the time of the others."""


class Hosts:
    """The hosts that an address names, tried in turns."""

    def __init__(self, url: str) -> None:
        self._url = parse_broker_url(url)
        self._in_turn = deque(self._url.hosts)
        # Connections begin at different hosts, so that the nodes of a cluster share them.
        self._in_turn.rotate(secrets.randbelow(len(self._in_turn)))
        self._seconds = HOST_SECONDS if len(self._in_turn) > 1 else None

    async def connect(self, name: str) -> AbstractConnection:
        """A connection to the first host that gives one; the host of the last connection is tried last.

        Raises `BrokerUnavailableError`, with what is wrong with each host. The caller limits the time.
        """
        problems: list[str] = []
        for _ in range(len(self._in_turn)):
            host = self._in_turn[0]
            # Before it is tried: where the caller's time is up meanwhile, the next attempt begins with another host.
            self._in_turn.rotate(-1)
            try:
                connection = await self._connect_to(host, name)
            except BrokerUnavailableError as error:
                problems.append(str(error))
            else:
                for problem in problems:
                    log.warning("broker_host_skipped", connection=name, problem=problem)
                return connection
        raise BrokerUnavailableError("; ".join(problems))

    async def _connect_to(self, host: str, name: str) -> AbstractConnection:
        with translated(f"connect to {host}"):
            async with asyncio.timeout(self._seconds):
                return await aio_pika.connect(
                    self._url.for_host(host),
                    heartbeat=HEARTBEAT_SECONDS,
                    client_properties={"connection_name": name},
                    connection_class=TidyConnection,
                )


class TidyConnection(aio_pika.Connection):
    """Is closed when it could not be made.

    The driver leaves that to the garbage collection, which wants the event loop but may run in any thread, and then
    warns of a coroutine that was never awaited.
    """

    async def connect(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as the driver calls it
        try:
            await super().connect(timeout)
        except BaseException:
            await self.close()
            raise
