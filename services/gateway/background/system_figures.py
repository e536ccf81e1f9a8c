"""How the system is at present, read once for all who ask within a second."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar, get_args

import structlog

from services.gateway.answers.built_page import BuiltPage
from services.gateway.answers.system_schemas import QueueStatus, SystemLimits, SystemStatus, WorkerStatus
from services.gateway.background.backlog import Backlog
from services.gateway.background.waiting_ages import WaitingAges
from services.gateway.settings import GatewaySettings
from shared.errors import TransientError
from shared.image_types import ImageFormat
from shared.ports import Ports
from shared.release import release
from shared.running.clock import Clock
from shared.running.health import present_problems
from shared.running.lifecycle import Readiness, Stopping

log = structlog.get_logger()

T = TypeVar("T")

SEEN_SECONDS = 60.0
"""A worker reports itself every two seconds; one that was silent for so long has ended or is cut off."""

MAX_LISTED = 1000

FRESH_SECONDS = 1.0
PATIENCE_SECONDS = 3.0
"""Longest that one server is waited for: the page is looked at most when something is away."""


@dataclass
class SystemFigures:
    """Asks the register of workers, the broker and the readiness; what does not answer in time is unknown."""

    ports: Ports
    settings: GatewaySettings
    readiness: Readiness
    stopping: Stopping
    backlog: Backlog
    page: BuiltPage
    ages: WaitingAges
    clock: Clock
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _newest: SystemStatus | None = None
    _read_at: float = 0.0

    async def read(self) -> SystemStatus:
        """The figures, at most a second old."""
        loop = asyncio.get_running_loop()
        async with self._reading:
            if self._newest is None or loop.time() - self._read_at > FRESH_SECONDS:
                self._newest = await self._read()
                self._read_at = loop.time()
            return self._newest

    async def workers(self) -> Sequence[WorkerStatus]:
        """The first thousand workers that reported themselves within the last minute; raises `TransientError`."""
        now = self.clock()
        records = await self.ports.workers.seen_since(now - timedelta(seconds=SEEN_SECONDS))
        return [WorkerStatus.of(record, now) for record in records[:MAX_LISTED]]

    async def _read(self) -> SystemStatus:
        workers, depths, ages = await asyncio.gather(
            _known("workers", self.workers()),
            _known("queues", self.ports.queue_depths.depths()),
            _known("oldest chunks", self.ages.read()),
        )
        self.backlog.report()
        problems = present_problems(self.readiness, self.stopping)
        return SystemStatus(
            version=release(),
            page_version=self.page.version,
            ready=not problems,
            parts={**self.readiness.parts, **problems},
            workers=workers,
            queues=None if depths is None else [QueueStatus.of(depth, ages or {}) for depth in depths],
            dead_letters=None if depths is None else sum(depth.dead_letters for depth in depths),
            limits=_limits(self.settings),
        )


async def _known(what: str, reading: Awaitable[T]) -> T | None:
    """What was read, or None when its server is away."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await reading
    except (TransientError, TimeoutError) as error:
        # The readiness has reported the server itself.
        log.debug("system_figures_unknown", what=what, error=str(error) or "no answer in time")
        return None


def _limits(settings: GatewaySettings) -> SystemLimits:
    return SystemLimits(
        max_files=settings.max_files,
        max_file_bytes=settings.max_file_bytes,
        max_chunk_size=settings.max_chunk_size,
        chunk_size=settings.chunk_size,
        append_max_files=settings.append_max_files,
        append_max_bytes=settings.append_max_bytes,
        formats=get_args(ImageFormat),
    )
