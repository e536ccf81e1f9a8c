"""A gateway as a process of its own on memory, with its originals in the folder given as the only argument."""

import asyncio
import sys
from functools import partial

from services.gateway.edge.front_door import FrontDoor
from services.gateway.service import run_gateway
from services.gateway.settings import GatewaySettings
from shared.adapters.object_store import open_object_store
from shared.running.lifecycle import Readiness, Stopping, run_until_signal
from shared.running.logs import configure_logs
from shared.wiring import open_memory_ports


async def _serve(folder: str, stopping: Stopping) -> None:
    settings, readiness = GatewaySettings(), Readiness()
    door = FrontDoor(settings)
    async with door.open(readiness, stopping), open_memory_ports(open_object_store(folder)) as ports:
        await run_gateway(ports, settings, stopping, readiness, door)


if __name__ == "__main__":
    configure_logs("gateway", log_format="json")
    asyncio.run(run_until_signal(partial(_serve, sys.argv[1])))
