"""`darkroom serve`: the gateway and all services in this process."""

import asyncio
from contextlib import AsyncExitStack

import structlog

from darkroom.embedded import run_pipeline
from services.gateway.service import run_gateway
from services.gateway.settings import GatewaySettings
from services.worker.children import ImageChildren
from shared.adapters.object_store import open_object_store
from shared.adapters.servers import open_memory_ports, open_ports
from shared.lifecycle import Readiness, Stopping

log = structlog.get_logger()


async def serve_here(host: str, port: int, stopping: Stopping) -> None:
    """Run everything until stopping: in memory, or on real servers when both addresses are set."""
    settings = GatewaySettings(host=host, port=port)
    readiness = Readiness()
    async with AsyncExitStack() as stack:
        if settings.rabbitmq_url and settings.mongodb_url:
            ports = await stack.enter_async_context(open_ports(settings, "serve", readiness, stopping))
        else:
            log.warning("documents_in_memory", note="progress is forgotten when this process ends")
            ports = await stack.enter_async_context(open_memory_ports(open_object_store(settings.objects_url)))
        children = await stack.enter_async_context(ImageChildren())
        await children.warm_up()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(run_gateway(ports, settings, stopping, readiness), name="gateway")
            tasks.create_task(run_pipeline(ports, children, stopping, readiness), name="pipeline")
