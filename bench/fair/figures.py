"""What the measurements say: times beside the idle system's, and whether the bars are kept."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.report import Section

MIN_SHARE_OF_ALONE = 0.9
"""Large and small batches together get at least so much of what the large one gets alone."""


@dataclass(frozen=True)
class Bar:
    """How many times the idle system's median a small batch may take, at the median and at the 95th percentile."""

    median: float
    p95: float | None = None


NORMAL = Bar(2.0, 3.0)
HIGH = Bar(1.5)


@dataclass(frozen=True)
class Measured:
    """Small batches in one situation: how many seconds each took, and what the situation allows.

    `rate`: images per second of all batches together meanwhile, beside `alone`, those of a large batch by itself.
    """

    situation: str
    seconds: Sequence[float]
    bar: Bar | None = None
    rate: float | None = None
    alone: float | None = None

    @property
    def share(self) -> float | None:
        """What all batches together got of what a large one gets alone."""
        return self.rate / self.alone if self.rate and self.alone else None

    def is_kept(self, idle: float) -> bool:
        """Whether the bar is kept; a small batch takes `idle` seconds in an idle system."""
        if self.share is not None and self.share < MIN_SHARE_OF_ALONE:
            return False
        if self.bar is None:
            return True
        is_late = self.bar.p95 is not None and percentile(self.seconds, 0.95) > self.bar.p95 * idle
        return median(self.seconds) <= self.bar.median * idle and not is_late


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of all does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def section(workers: int, idle: Measured, situations: Sequence[Measured]) -> Section:
    """The table of one number of workers."""
    base = median(idle.seconds)
    rows = [_row(idle, base), *(_row(each, base) for each in situations)]
    columns = ("situation", "n", "median", "p95", "x idle", "p95", "bar", "rate", "kept")
    return Section(f"Ten photographs, {workers} worker process{'es' if workers > 1 else ''}", columns, tuple(rows))


def _row(measured: Measured, idle: float) -> tuple[str, ...]:
    middle, late = median(measured.seconds), percentile(measured.seconds, 0.95)
    bar = measured.bar
    limits = "" if bar is None else f"{bar.median:g}" if bar.p95 is None else f"{bar.median:g}, {bar.p95:g}"
    return (
        measured.situation,
        str(len(measured.seconds)),
        f"{middle:.2f} s",
        f"{late:.2f} s",
        f"{middle / idle:.2f}",
        f"{late / idle:.2f}",
        limits,
        "" if measured.share is None else f"{measured.share:.2f}",
        ("yes" if measured.is_kept(idle) else "NO") if bar else "",
    )
