"""What a tracker counts for Prometheus: how batches end."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter

from shared.documents import BatchFacts
from shared.ports import FactsRecorder


class BatchEnds:
    """Counts of batches by how they ended, and of the images that were revoked by it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.batches = Counter("darkroom_batches_ended_total", "Batches that ended.", ["status"], registry=registry)
        self.revoked_images = Counter(
            "darkroom_images_revoked_total",
            "Images of batches that ended before they were developed.",
            registry=registry,
        )


@dataclass(frozen=True)
class CountedFacts:
    """A `FactsRecorder`. An end that a crash has recorded twice is counted twice."""

    statistics: FactsRecorder
    ends: BatchEnds

    async def record_facts(self, facts: BatchFacts) -> None:
        await self.statistics.record_facts(facts)
        self.ends.batches.labels(facts.status).inc()
        self.ends.revoked_images.inc(facts.revoked_images)
