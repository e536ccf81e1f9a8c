"""What services need from the outside world, as small protocols; adapters and fakes implement them.

Every method that reaches outside raises a `TransientError` when the same call may work later.
"""

from dataclasses import dataclass

from shared.ports.chunks import ChunkClaims, ChunkOutcomes, ChunkReader, ChunkReleases, ChunkStore
from shared.ports.documents import BatchStore, ManifestStore, RecipeStore, WorkerRegister
from shared.ports.messaging import Delivery, Publisher, Subscriber, Subscription
from shared.ports.objects import ObjectStore, StoredObject

__all__ = [
    "BatchStore",
    "ChunkClaims",
    "ChunkOutcomes",
    "ChunkReader",
    "ChunkReleases",
    "ChunkStore",
    "Delivery",
    "ManifestStore",
    "ObjectStore",
    "Ports",
    "Publisher",
    "RecipeStore",
    "StoredObject",
    "Subscriber",
    "Subscription",
    "WorkerRegister",
]


@dataclass(frozen=True)
class Ports:
    """One adapter for each port: what a service is wired with."""

    publisher: Publisher
    subscriber: Subscriber
    batches: BatchStore
    manifests: ManifestStore
    chunks: ChunkStore
    workers: WorkerRegister
    recipes: RecipeStore
    objects: ObjectStore
