"""Starts a service as a process of its own: logs, signals, health, and an exit code that says how it ended."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol

import structlog
import uvloop

from shared.adapters.measured_ports import measured_ports
from shared.errors import DarkroomError, leaves
from shared.metrics.process import process_metrics
from shared.ports import Ports
from shared.running.former_settings import warn_of_former_names
from shared.running.health import serve_health
from shared.running.lifecycle import Readiness, Stopping, run_until_signal
from shared.running.logs import configure_logs
from shared.running.settings import ServiceSettings
from shared.wiring import StoppedWhileConnectingError, open_ports

log = structlog.get_logger()


class Serve(Protocol):
    """A service's loops, on the servers behind its ports."""

    async def __call__(self, ports: Ports, *, stopping: Stopping, readiness: Readiness) -> None:
        """Run until stopping."""


Beginning = Callable[[Readiness, Stopping], AbstractAsyncContextManager[None]]
"""What a service has open before it is connected, and until it ends."""


def run_service(
    name: str, settings: ServiceSettings, serve: Serve, while_starting: Beginning = lambda *_: nullcontext()
) -> None:
    """Run one service as this process, on real servers, until SIGTERM or SIGINT.

    It waits for servers that are not there yet for as long as it takes.
    """
    configure_logs(name, settings.log_level, settings.log_format)
    warn_of_former_names()
    settings.restrict_files()

    async def run(stopping: Stopping) -> None:
        readiness = Readiness()
        readiness.report("start", "still connecting")
        metrics = process_metrics(name, lambda: readiness.parts)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve_health(settings, readiness, stopping, metrics), name="health")
            async with (
                while_starting(readiness, stopping),
                open_ports(settings, name, readiness, stopping) as ports,
            ):
                readiness.report("start", None)
                log.info("service_started")
                await serve(measured_ports(ports, metrics), stopping=stopping, readiness=readiness)
            stopping.set()  # a service that ended by itself ends its health port too
        log.info("service_stopped")

    problems: list[str] = []
    try:
        uvloop.run(run_until_signal(run))
    except* StoppedWhileConnectingError:
        log.info("service_stopped")
    except* DarkroomError as group:
        problems = [str(error) for error in leaves(group)]
    if problems:
        # What an operator can mend, in a sentence each; `except*` itself would wrap the exit in a group of errors.
        log.critical("service_failed", problems=problems)
        sys.exit(1)
