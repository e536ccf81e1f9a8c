"""What a process counts for Prometheus: one registry for each process, given to it by its wiring."""

from shared.metrics.registry import Metrics

__all__ = ["Metrics"]
