"""What every process says of itself: its release, its processor time and memory, and which of its parts work."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import GCCollector, Info, Metric, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.metrics.registry import Metrics
from shared.release import release

Parts = Callable[[], Mapping[str, object]]
"""Each part of a service that has reported itself: what is wrong with it, or None."""


class _PartsUp(Collector):
    """Which parts of a service work, as its readiness has them when they are read."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily("darkroom_part_up", "1 if a part of the service works, else 0.", labels=["part"])
        for part, problem in self._parts().items():
            family.add_metric([part], float(problem is None))
        return [family]


def process_metrics(service: str, parts: Parts) -> Metrics:
    """The metrics of a process that runs this service, with those that all processes have."""
    metrics = Metrics()
    ProcessCollector(registry=metrics.registry)
    GCCollector(registry=metrics.registry)
    build = Info("darkroom_build", "The release that runs, and as which service.", registry=metrics.registry)
    build.info({"service": service, "version": release()})
    metrics.registry.register(_PartsUp(parts))
    return metrics
