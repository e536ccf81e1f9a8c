"""What a worker says to Prometheus, read from what it counts anyway."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.failure_codes import FailureCode

CODES_OF_LOSSES = (FailureCode.TIMEOUT, FailureCode.OUT_OF_MEMORY, FailureCode.CRASHED)
OTHER = "other"


@dataclass(frozen=True)
class ImageCounts:
    """How many images have ended in this process."""

    completed: int
    failed: Mapping[str, int]
    """By code."""


@dataclass(frozen=True, eq=False)  # the registry tells collectors by their identity
class WorkerMetrics(Collector):
    """Figures of one worker, asked for when they are read."""

    images: Callable[[], ImageCounts]
    children: int
    busy_children: Callable[[], int]
    images_in_hand: Callable[[], int]

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""
        images = CounterMetricFamily(
            "darkroom_images", "Images that ended here, without proofs.", labels=["outcome", "code"]
        )
        counts = self.images()
        images.add_metric(["completed", ""], counts.completed)
        for code, number in by_known_code(counts.failed, FailureCode).items():
            images.add_metric(["failed", code], number)
        children = GaugeMetricFamily("darkroom_children", "Child processes that develop images.", labels=["state"])
        busy = min(self.busy_children(), self.children)
        children.add_metric(["busy"], busy)
        children.add_metric(["idle"], self.children - busy)
        in_hand = "Images that are read, developed or written."
        yield from (
            images,
            children,
            GaugeMetricFamily("darkroom_images_in_hand", in_hand, value=self.images_in_hand()),
        )


@dataclass(frozen=True, eq=False)
class LostChildren(Collector):
    """Children that ended before they answered, by the code that their image would fail with."""

    lost: Mapping[str, int]

    def collect(self) -> Iterable[Metric]:
        """The counts as they are now."""
        family = CounterMetricFamily("darkroom_children_lost", "Children that ended over an image.", labels=["code"])
        for code, number in by_known_code(self.lost, CODES_OF_LOSSES).items():
            family.add_metric([code], number)
        return [family]


def by_known_code(counts: Mapping[str, int], codes: Iterable[str]) -> Mapping[str, int]:
    """The counts by these codes, and those of all others as `other`, so that there is an end of labels."""
    # Also 0: Prometheus sees no first event of a series that begins with it.
    known = dict.fromkeys(map(str, codes), 0)
    others = sum(number for code, number in counts.items() if code not in known)
    return {code: counts.get(code, 0) for code in known} | {OTHER: others}
