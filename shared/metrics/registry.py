"""The metrics of one process, and how they are written for Prometheus."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from prometheus_client import CollectorRegistry, disable_created_metrics
from prometheus_client.exposition import choose_encoder

# The library keeps this for the whole process. The time when each counter began would double their number for nothing:
# Prometheus sees by itself that one has begun anew.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves this one untyped

Group = TypeVar("Group")

Refresh = Callable[[], Awaitable[object]]
"""Brings figures up to date; it bounds its own time, and does not raise."""


class Metrics:
    """A registry of its own, so that nothing is global: two systems in one process do not count each other's work."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._groups: dict[Callable[[CollectorRegistry], object], object] = {}
        self._refreshes: list[Refresh] = []

    def of(self, group: Callable[[CollectorRegistry], Group]) -> Group:
        """The group of metrics that this class or function makes, made at the first call.

        Services that share a process share the groups that they have in common.
        """
        if group not in self._groups:
            self._groups[group] = group(self.registry)
        return cast("Group", self._groups[group])

    def refresh_before_reading(self, refresh: Refresh) -> None:
        """Have figures that cost a question to a server asked for when somebody reads them, and only then."""
        self._refreshes.append(refresh)

    async def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """All metrics as text, and its media type by what the reader accepts."""
        await asyncio.gather(*(refresh() for refresh in self._refreshes))
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type
