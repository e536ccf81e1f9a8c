"""`darkroom serve`: the gateway and all services in this process."""

import asyncio
import webbrowser
from contextlib import AsyncExitStack
from tempfile import TemporaryDirectory
from threading import Thread

import structlog
import typer

from darkroom.embedded import run_pipeline
from services.gateway.edge.front_door import FrontDoor
from services.gateway.service import run_gateway
from services.gateway.settings import GatewaySettings
from services.worker.children.pool import started_children
from services.worker.metrics import LostChildren
from services.worker.settings import WorkerSettings
from shared.adapters.measured_ports import measured_ports
from shared.adapters.object_store import open_object_store
from shared.metrics.process import process_metrics
from shared.running.health import serve_health
from shared.running.http_server import announce
from shared.running.lifecycle import Readiness, Stopping
from shared.wiring import StoppedWhileConnectingError, open_memory_ports, open_ports

log = structlog.get_logger()


async def serve_here(settings: GatewaySettings, stopping: Stopping, *, open_browser: bool = False) -> None:
    """Run everything until stopping: in memory, or on real servers when their addresses are set.

    In memory, uploads and prints go to a temporary folder unless DARKROOM_OBJECTS_URL says otherwise, as no
    document would name them afterwards. The page's address is printed before anything is started, and the browser
    opened once the page answers. Raises `ServersMissingError` when only one address is set.
    """
    readiness = Readiness()
    door = FrontDoor(settings, announce=_announce_and_open if open_browser else announce)
    try:
        await _serve(settings, stopping, readiness, door)
    except* StoppedWhileConnectingError:
        log.info("service_stopped")


async def _serve(settings: GatewaySettings, stopping: Stopping, readiness: Readiness, door: FrontDoor) -> None:
    metrics = process_metrics("serve", lambda: readiness.parts)
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        tasks.create_task(serve_health(settings, readiness, stopping, metrics), name="health")
        await stack.enter_async_context(door.open(readiness, stopping))
        typer.echo(f"Darkroom: {_for_browsers(door.url)}")
        if settings.rabbitmq_url or settings.mongodb_url:
            ports = await stack.enter_async_context(open_ports(settings, "serve", readiness, stopping))
        else:
            objects_url = settings.objects_url
            if "objects_url" not in settings.model_fields_set:
                objects_url = stack.enter_context(TemporaryDirectory(prefix="darkroom-"))
            log.info("documents_in_memory", note="batches are forgotten when this process ends")
            ports = await stack.enter_async_context(open_memory_ports(open_object_store(objects_url)))
        ports = measured_ports(ports, metrics)
        children = await stack.enter_async_context(started_children(WorkerSettings()))
        metrics.registry.register(LostChildren(children.lost))
        tasks.create_task(run_gateway(ports, settings, stopping, readiness, door), name="gateway")
        tasks.create_task(run_pipeline(ports, children, stopping, readiness), name="pipeline")


def _announce_and_open(url: str) -> None:
    announce(url)
    # A browser in a terminal ends when its user leaves it.
    Thread(target=webbrowser.open, args=[_for_browsers(url)], name="browser", daemon=True).start()


def _for_browsers(url: str) -> str:
    """The same server at an address that can be opened: no browser goes to the address that means all of them."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
