"""Opens every port of a service on real servers, or all of them in this process's memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

import structlog

from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.memory_documents import MemoryDocuments
from shared.adapters.mongodb import MongoDocuments, open_documents
from shared.adapters.object_store import open_object_store
from shared.adapters.rabbitmq import RabbitBroker, open_broker
from shared.errors import DarkroomError, PermanentError, TransientError
from shared.ports import ObjectStore, Ports
from shared.running.backoff import Backoff
from shared.running.lifecycle import Readiness, Stopping, watching
from shared.running.settings import ServiceSettings

log = structlog.get_logger()

CONNECT_SECONDS = 60.0

T = TypeVar("T")


class ServersMissingError(PermanentError):
    """A service of its own needs both servers, and their addresses were not given."""

    code = "servers_missing"


class StoppedWhileConnectingError(DarkroomError):
    """The service should stop before it has its servers: it has nothing in hand, and nothing is wrong."""


@asynccontextmanager
async def open_ports(
    settings: ServiceSettings, service: str, readiness: Readiness, stopping: Stopping
) -> AsyncIterator[Ports]:
    """Connect to RabbitMQ, MongoDB and the objects, waiting up to a minute for each, and watch that they stay.

    Raises `ServersMissingError` unless both addresses are set.
    """
    rabbitmq_url, mongodb_url = settings.broker_url, settings.mongodb_url
    if not (rabbitmq_url and mongodb_url):
        raise ServersMissingError(
            "Set DARKROOM_RABBITMQ_URL and DARKROOM_MONGODB_URL; a service of its own cannot keep its messages and "
            "documents in memory. `darkroom serve` can."
        )
    async with AsyncExitStack() as stack:
        documents: MongoDocuments = await _patiently(
            lambda: stack.enter_async_context(open_documents(mongodb_url)), "mongodb", stopping
        )
        broker: RabbitBroker = await _patiently(
            lambda: stack.enter_async_context(open_broker(rabbitmq_url, service, readiness)), "rabbitmq", stopping
        )
        objects = await _patiently(lambda: _opened(settings.objects_url), "objects", stopping)
        async with watching("mongodb", documents.ping, readiness):
            yield _ports(broker, documents, objects)


@asynccontextmanager
async def open_memory_ports(objects: ObjectStore) -> AsyncIterator[Ports]:
    """Everything in this process's memory but the objects; gone when the process ends."""
    yield _ports(MemoryBroker(), MemoryDocuments(), objects)


def _ports(
    broker: RabbitBroker | MemoryBroker, documents: MongoDocuments | MemoryDocuments, objects: ObjectStore
) -> Ports:
    return Ports(
        publisher=broker.publisher,
        subscriber=broker.subscriber,
        batches=documents.batches,
        manifests=documents.manifests,
        chunks=documents.chunks,
        workers=documents.workers,
        recipes=documents.recipes,
        objects=objects,
    )


async def _opened(objects_url: str) -> ObjectStore:
    return open_object_store(objects_url)


async def _patiently(connect: Callable[[], Awaitable[T]], server: str, stopping: Stopping) -> T:
    """Connect, giving a server that is still starting a minute; then the supervisor has to know."""
    backoff = Backoff(stopping.sleep)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + CONNECT_SECONDS
    while True:
        try:
            return await connect()
        except TransientError as error:
            log.warning("server_not_there_yet", server=server, error=str(error))
            await backoff.pause()
            if stopping.is_set:
                raise StoppedWhileConnectingError(f"stopped while waiting for {server}") from error
            if loop.time() > deadline:
                raise
