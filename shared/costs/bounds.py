"""Between what bounds the cost of an image lies, whatever a clock, a header or a child says."""

import math

MIN_COST_MS = 1
MAX_COST_MS = 600_000
"""Ten minutes; children are ended long before."""


def bounded(value: float, low: float, high: float) -> float:
    """The value within the bounds; what is no number counts as the lowest."""
    return low if math.isnan(value) else min(max(value, low), high)


def bounded_ms(milliseconds: float) -> int:
    """Whole milliseconds of an image's processor time, at least 1 and at most ten minutes."""
    return round(bounded(milliseconds, MIN_COST_MS, MAX_COST_MS))
