"""Ports whose calls to servers are timed and whose messages are counted."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter

from shared.adapters.counted_messages import CountedPublisher, CountedSubscriber, Messages
from shared.errors import TransientError
from shared.metrics import Metrics
from shared.metrics.observed import Observe, observed
from shared.metrics.seconds import SecondsHistogram
from shared.ports import (
    AppendStore,
    BatchStore,
    ChunkStore,
    CostModels,
    DeadLetters,
    DraftStore,
    ManifestStore,
    ObjectStore,
    Ports,
    Publisher,
    QueueDepths,
    RecipeStore,
    StatisticsStore,
    WorkerRegister,
)

Server = Literal["documents", "broker", "objects"]

_TIMED: Mapping[str, tuple[Server, type]] = {
    "publisher": ("broker", Publisher),
    "queue_depths": ("broker", QueueDepths),
    "dead_letters": ("broker", DeadLetters),
    "batches": ("documents", BatchStore),
    "manifests": ("documents", ManifestStore),
    "chunks": ("documents", ChunkStore),
    "workers": ("documents", WorkerRegister),
    "recipes": ("documents", RecipeStore),
    "drafts": ("documents", DraftStore),
    "appends": ("documents", AppendStore),
    "statistics": ("documents", StatisticsStore),
    "cost_models": ("documents", CostModels),
    "objects": ("objects", ObjectStore),
}
"""Ports by their names in `Ports`: the server behind each, and the protocol whose calls are timed."""


class ServerCalls:
    """Calls to the servers: how long they take, and how many find no answer."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ["server", "call"]
        self._seconds = SecondsHistogram(
            "darkroom_server_call_seconds", "Time of one call to a server, all its round trips.", labels, registry
        )
        self._errors = Counter(
            "darkroom_server_call_errors_total", "Calls that a server did not answer.", labels, registry=registry
        )

    def observers(self, port: str) -> Mapping[str, Observe]:
        """Observers for every call of the port of that name."""
        server, protocol = _TIMED[port]
        calls = [name for name in dir(protocol) if inspect.iscoroutinefunction(getattr(protocol, name))]
        return {call: self._observer(server, f"{port}.{call}") for call in calls}

    def _observer(self, server: Server, call: str) -> Observe:
        durations, errors = self._seconds.labels(server, call), self._errors.labels(server, call)

        def observe(seconds: float, answer: Any) -> None:
            durations.observe(seconds)
            # Any other error is an answer, such as that an object is missing.
            if isinstance(answer, TransientError):
                errors.inc()

        return observe


def measured_ports(ports: Ports, metrics: Metrics) -> Ports:
    """The same ports, measured by these metrics, which the service then finds in them."""
    calls, messages = metrics.of(ServerCalls), metrics.of(Messages)
    timed: dict[str, Any] = {name: observed(getattr(ports, name), calls.observers(name)) for name in _TIMED}
    timed["publisher"] = CountedPublisher(timed["publisher"], messages)
    subscriber = CountedSubscriber(ports.subscriber, messages)
    return replace(ports, **timed, subscriber=subscriber, metrics=metrics)
