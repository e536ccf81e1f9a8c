"""The gateway as a service: HTTP, the relay, the janitor and the progress feed, started and stopped together."""

import asyncio
import contextlib
from functools import partial

from services.gateway.app import gateway_app
from services.gateway.background.store_watch import StoreWatch
from services.gateway.background.system_metrics import SystemMetrics
from services.gateway.batches.followers import Followers
from services.gateway.batches.live_events import offer_system
from services.gateway.edge.front_door import FrontDoor
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import GatewayParts
from shared.ports import Ports
from shared.running.lifecycle import Readiness, Stopping, repeat, watching

TIDY_UP_SECONDS = 2.0
"""After the grace period: for cut-off uploads to remove what they stored, and for the relay's last messages."""


async def run_gateway(
    ports: Ports, settings: GatewaySettings, stopping: Stopping, readiness: Readiness, door: FrontDoor
) -> None:
    """Serve at a door that is open until stopping, then end streams, let requests finish, and return.

    A background task that fails ends the service with its error.
    """
    gateway = GatewayParts(ports, settings, readiness, stopping)
    system = SystemMetrics(gateway.system, gateway.backlog)
    ports.metrics.registry.register(system)
    ports.metrics.refresh_before_reading(system.refresh)
    store = StoreWatch(ports.objects, ports.batches)
    async with watching("objects", store.look, readiness), asyncio.TaskGroup() as tasks:
        tasks.create_task(gateway.feed.run(stopping), name="progress-feed")
        tasks.create_task(_let_go(gateway.followers, stopping), name="followers")
        offer = partial(offer_system, gateway.system.read, gateway.followers)
        repeat(tasks, "system-figures", settings.system_interval_seconds, offer, stopping)
        repeat(tasks, "draft-keeper", settings.janitor_sweep_seconds, gateway.draft_keeper.sweep, stopping)
        # They end by no signal, as requests that are still being answered need them.
        until_cancelled = [
            tasks.create_task(gateway.hints.run(stopping), name="progress-hints"),
            tasks.create_task(gateway.changes.run(), name="batch-changes"),
            tasks.create_task(gateway.relay.run(stopping, readiness), name="relay"),
            tasks.create_task(gateway.janitor.run(stopping), name="janitor"),
        ]
        await door.serve(gateway_app(gateway), readiness)
        await _tidy_up(gateway)
        for task in until_cancelled:
            task.cancel()


async def _let_go(followers: Followers, stopping: Stopping) -> None:
    """End the streams of all batches, which have no end of their own."""
    await stopping.wait()
    followers.close()


async def _tidy_up(gateway: GatewayParts) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(TIDY_UP_SECONDS):
            await gateway.uploads.wait_until_empty()
            await gateway.relay.flush()
