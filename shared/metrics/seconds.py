"""Histograms of durations, cheap enough to be kept of every image."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds in seconds: from a call to a server on the same machine to the time limit of an image."""


@dataclass(slots=True)
class Durations:
    """The durations of one combination of labels."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total_seconds: float = 0.0

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total_seconds += seconds


class SecondsHistogram(Collector):
    """A histogram by labels. Only the event loop's thread may observe.

    The library's own takes two locks for each duration and looks through the buckets one by one, which is four times as
    much, and more than a hundredth of what an image without pixels costs a worker.
    """

    def __init__(self, name: str, documentation: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        self._name = name
        self._documentation = documentation
        self._labels = labels
        self._durations: dict[tuple[str, ...], Durations] = {}
        registry.register(self)

    def labels(self, *values: str) -> Durations:
        """The durations under these labels, to be kept by a caller that observes often."""
        return self._durations.setdefault(values, Durations())

    def describe(self) -> Iterable[Metric]:
        """The metric without its samples, for the registry to know its name."""
        return [HistogramMetricFamily(self._name, self._documentation, labels=self._labels)]

    def collect(self) -> Iterable[Metric]:
        """The metric as it is now."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labels)
        bounds = [*map(str, BUCKETS), "+Inf"]
        for values, durations in self._durations.items():
            # Prometheus' buckets hold everything up to their bound.
            buckets = list(zip(bounds, map(float, accumulate(durations.counts)), strict=True))
            family.add_metric(values, buckets, durations.total_seconds)
        return [family]
