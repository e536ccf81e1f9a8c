"""What a gateway says of the system to Prometheus: its queues, dead letters, workers, and the batches it still owes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from services.gateway.answers.system_schemas import QueueStatus, SystemStatus
from services.gateway.background.backlog import Backlog
from services.gateway.background.system_figures import SystemFigures


@dataclass(eq=False)  # the registry tells collectors by their identity
class SystemMetrics(Collector):
    """The system's figures, asked for when they are read. What does not answer has no figures."""

    system: SystemFigures
    backlog: Backlog
    _newest: SystemStatus | None = None

    async def refresh(self) -> None:
        """Ask the servers; what nobody reads costs nothing."""
        self._newest = await self.system.read()

    def collect(self) -> Iterable[Metric]:
        """The figures as they were when they were last asked for."""
        yield _gauge("darkroom_outbox_batches", "Batches to be published to the chunker.", len(self.backlog.noted))
        yield _gauge(
            "darkroom_outbox_age_seconds",
            "How long the oldest of them has waited while none was published.",
            self.backlog.stalled_seconds,
        )
        workers = None if self._newest is None else self._newest.workers
        if workers is not None:
            yield _gauge("darkroom_workers", "Workers that reported themselves within a minute.", len(workers))
            yield _gauge("darkroom_slots", "Images that these develop at a time.", sum(each.slots for each in workers))
        queues = None if self._newest is None else self._newest.queues
        yield from _of_queues(queues or ())


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value=value)


def _of_queues(queues: Sequence[QueueStatus]) -> Iterable[Metric]:
    names = ["queue"]
    ready = GaugeMetricFamily("darkroom_queue_messages", "Messages that no consumer has yet.", labels=names)
    consumers = GaugeMetricFamily("darkroom_queue_consumers", "Consumers of a queue.", labels=names)
    dead = GaugeMetricFamily("darkroom_dead_letters", "Messages of a queue that were given up.", labels=names)
    age = GaugeMetricFamily(
        "darkroom_queue_age_seconds", "How long its oldest chunk has waited for a worker; 0 if none.", labels=names
    )
    for queue in queues:
        ready.add_metric([queue.name], queue.ready)
        consumers.add_metric([queue.name], queue.consumers)
        dead.add_metric([queue.name], queue.dead_letters)
        age.add_metric([queue.name], queue.oldest_seconds or 0.0)
    return ready, consumers, dead, age
