"""What an operator sees of Darkroom in RabbitMQ's management UI."""

import asyncio
import os
import socket
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from shared.adapters.rabbitmq import open_broker
from shared.messaging.topology import PROBES_QUEUE_PREFIX
from shared.running.lifecycle import Readiness
from tests.integration.broker.traffic import Eventually
from tests.servers import Server
from tests.servers.rabbitmq import RabbitmqAddress


async def shown(server: Server[RabbitmqAddress], url: str, page: str) -> list[dict[str, Any]]:
    """What a page of the management plugin holds about the virtual host of the address."""
    parts = urlsplit(url)
    address = f"{server.address.management_url}/api/{page.format(vhost=parts.path.strip('/'))}"
    login = (unquote(parts.username or ""), unquote(parts.password or ""))
    answer = await asyncio.to_thread(requests.get, address, auth=login, timeout=10)
    entries: list[dict[str, Any]] = answer.json()
    return entries


async def test_a_connection_names_its_service_host_and_process(
    rabbitmq_server: Server[RabbitmqAddress], rabbitmq_url: str, eventually: Eventually
) -> None:
    """One of several workers can be told from the others."""

    async def is_named() -> bool:
        connections = await shown(rabbitmq_server, rabbitmq_url, "vhosts/{vhost}/connections")
        return [each.get("user_provided_name") for each in connections] == [name]

    name = f"darkroom worker {socket.gethostname()}-{os.getpid()} publish"
    async with open_broker(rabbitmq_url, "worker", Readiness()):
        await eventually(is_named)


async def test_the_probes_of_an_idle_service_are_routed_and_do_not_pile_up(
    rabbitmq_server: Server[RabbitmqAddress], rabbitmq_url: str, eventually: Eventually
) -> None:
    """A queue of its own takes them, so that nothing counts as unroutable when all is well."""

    async def probed() -> bool:
        queues = await shown(rabbitmq_server, rabbitmq_url, "queues/{vhost}")
        return [q.get("messages") for q in queues if q["name"].startswith(f"{PROBES_QUEUE_PREFIX}.")] == [1]

    async with open_broker(rabbitmq_url, "worker", Readiness()):
        await eventually(probed)
