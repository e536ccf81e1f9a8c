"""What a chunker counts for Prometheus: claims of workers that were lost."""

from typing import Any

from prometheus_client import CollectorRegistry, Counter


class LostClaims:
    """Counts the claims whose worker showed no sign of life."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lost = Counter(
            "darkroom_claims_lost_total", "Chunks whose worker was lost, and which are sent again.", registry=registry
        )

    def observe_expiry(self, _seconds: float, expired: Any) -> None:
        """Count an answer of `OverdueChunks.expire_claim`."""
        if expired is True:
            self._lost.inc()
