"""Wires a service: every port on real servers, or all of them in this process's memory."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol, TypeVar

import structlog
import uvloop

from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.memory_documents import MemoryDocuments
from shared.adapters.mongodb import MongoDocuments, open_documents
from shared.adapters.object_store import open_object_store
from shared.adapters.rabbitmq import RabbitBroker, open_broker
from shared.errors import DarkroomError, PermanentError, TransientError, leaves
from shared.ports import ObjectStore, Ports
from shared.running.backoff import Backoff
from shared.running.former_settings import warn_of_former_names
from shared.running.health import serve_health
from shared.running.lifecycle import Readiness, Stopping, run_every, run_until_signal
from shared.running.logs import configure_logs
from shared.running.settings import ServiceSettings

log = structlog.get_logger()

PING_SECONDS = 5.0
CONNECT_SECONDS = 60.0

T = TypeVar("T")


class Serve(Protocol):
    """A service's loops, on whatever servers its ports stand for."""

    async def __call__(self, ports: Ports, *, stopping: Stopping, readiness: Readiness) -> None:
        """Run until stopping."""


class ServersMissingError(PermanentError):
    """A service of its own needs both servers, and their addresses were not given."""

    code = "servers_missing"


class StoppedWhileConnectingError(DarkroomError):
    """The service was told to stop before it had its servers: it has nothing in hand, and nothing is wrong."""


def run_service(name: str, settings: ServiceSettings, serve: Serve) -> None:
    """Run one service as this process, on real servers, until SIGTERM or SIGINT."""
    configure_logs(name, settings.log_level, settings.log_format)
    warn_of_former_names()

    async def run(stopping: Stopping) -> None:
        readiness = Readiness()
        readiness.report("start", "still connecting")
        async with asyncio.TaskGroup() as tasks:
            if settings.health_port:
                health = serve_health(readiness, stopping, settings.health_host, settings.health_port)
                tasks.create_task(health, name="health")
            async with open_ports(settings, name, readiness, stopping) as ports:
                readiness.report("start", None)
                log.info("service_started")
                await serve(ports, stopping=stopping, readiness=readiness)
            stopping.set()
        log.info("service_stopped")

    problems: list[str] = []
    try:
        uvloop.run(run_until_signal(run))
    except* StoppedWhileConnectingError:
        log.info("service_stopped")
    except* DarkroomError as group:
        problems = [str(error) for error in leaves(group)]
    if problems:
        # What an operator can mend, in a sentence each; anything else ends with its traceback.
        log.critical("service_failed", problems=problems)
        sys.exit(1)


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
        watched = Stopping()
        watch = asyncio.create_task(
            run_every(PING_SECONDS, documents.ping, watched, name="mongodb", readiness=readiness), name="mongodb-ping"
        )
        try:
            yield _ports(broker, documents, objects)
        finally:
            watched.set()
            await watch


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
                raise StoppedWhileConnectingError(f"told to stop while waiting for {server}") from error
            if loop.time() > deadline:
                raise
