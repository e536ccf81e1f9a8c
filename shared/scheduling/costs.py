"""The bounds of a cost, whoever predicted or measured it."""

MIN_COST_MS = 1.0
"""Work that cost nothing would never move its flow on, and the flow would take every turn."""

MAX_COST_MS = 24 * 60 * 60 * 1000.0
"""A larger cost would keep its flow from its turn for longer than anything runs."""


def bounded_cost(cost_ms: float) -> float:
    """A cost in milliseconds within the bounds; what is no number counts as the least."""
    # Written so that NaN, which is greater than nothing, is answered here.
    return min(cost_ms, MAX_COST_MS) if cost_ms > MIN_COST_MS else MIN_COST_MS
