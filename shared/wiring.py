"""Opens every port of a service on real servers, or all of them in this process's memory."""

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
    """Connect to RabbitMQ, MongoDB and the objects, waiting for each as long as it takes, and watch that they stay.

    Raises `ServersMissingError` unless both addresses are set.
    """
    rabbitmq_url, mongodb_url = settings.broker_url, settings.mongodb_url
    if not (rabbitmq_url and mongodb_url):
        raise ServersMissingError(
            "Set DARKROOM_RABBITMQ_URL and DARKROOM_MONGODB_URL; a service of its own cannot keep its messages and "
            "documents in memory. `darkroom serve` can."
        )
    for server in ("mongodb", "rabbitmq", "objects"):
        readiness.report(server, "still connecting")

    async def patiently(server: str, connect: Callable[[], Awaitable[T]]) -> T:
        return await _patiently(server, connect, readiness, stopping)

    async with AsyncExitStack() as stack:
        documents: MongoDocuments = await patiently(
            "mongodb", lambda: stack.enter_async_context(open_documents(mongodb_url))
        )
        broker: RabbitBroker = await patiently(
            "rabbitmq", lambda: stack.enter_async_context(open_broker(rabbitmq_url, service, readiness))
        )
        objects = await patiently("objects", lambda: _opened(settings.objects_url))
        # RabbitMQ's channels report themselves; MongoDB's driver says nothing until it is used.
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
        cost_models=documents.cost_models,
        drafts=documents.drafts,
        appends=documents.appends,
        objects=objects,
        statistics=documents.statistics,
        queue_depths=broker.queue_depths,
        dead_letters=broker.dead_letters,
    )


async def _opened(objects_url: str) -> ObjectStore:
    # A coroutine, so that a store that is away is waited for as a server is.
    return open_object_store(objects_url)


async def _patiently(server: str, connect: Callable[[], Awaitable[T]], readiness: Readiness, stopping: Stopping) -> T:
    """Connect, however long a server takes to come; readiness says what is missing."""
    backoff = Backoff(stopping.sleep)
    while True:
        try:
            connected = await connect()
        except TransientError as error:
            readiness.report(server, str(error))
            log.warning("server_not_there_yet", server=server, error=str(error))
            await backoff.pause()
            if stopping.is_set:
                raise StoppedWhileConnectingError(f"stopped while waiting for {server}") from error
        else:
            readiness.report(server, None)
            return connected
