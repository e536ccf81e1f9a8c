"""The share of the workers that first quanta may take from batches that came earlier: a token bucket in cost."""

from datetime import datetime

from services.chunker.capacity import Capacity

SHARE = 0.5
"""Of the slots: however many new batches come, those under way lose no more than half of their pace."""


class ExpressShare:
    """Tokens are milliseconds of cost. They come at the share of the slots, up to one quantum."""

    def __init__(self) -> None:
        self._tokens_ms: float | None = None
        self._counted_at: datetime | None = None

    def available_ms(self, capacity: Capacity, quantum_ms: float, now: datetime) -> float:
        """What there is at present; 0 or less if nothing may go ahead. A chunk may be larger, and leaves a debt."""
        if self._tokens_ms is None or self._counted_at is None:
            self._tokens_ms = quantum_ms
        else:
            # A clock that was set back brings nothing, and one that leapt no more than a quantum.
            elapsed_ms = max((now - self._counted_at).total_seconds() * 1000, 0.0)
            self._tokens_ms = min(self._tokens_ms + SHARE * capacity.slots * elapsed_ms, quantum_ms)
        self._counted_at = now
        return self._tokens_ms if capacity.takes_express else 0.0

    def spend(self, cost_ms: float) -> None:
        """Take tokens for chunks that go ahead."""
        self._tokens_ms = (self._tokens_ms or 0.0) - cost_ms
