"""What services need from the outside world, as small protocols; adapters and fakes implement them.

Every method that reaches outside raises a `TransientError` when the same call may work later.

| port | gateway | chunker | worker | tracker |
|---|---|---|---|---|
| `Publisher` | batches, progress | chunks | results, retries | progress, settled chunks |
| `Subscriber` | progress | batches, settled chunks, queue lengths | chunks | results |
| `QueueDepths`, `DeadLetters` | system page | | | |
| `BatchReader` | pages, progress | | what may be developed | |
| `BatchWriter` | uploads, controls | releases | | counters, ends |
| `BatchSweeps` | relay, janitor | reconciler | | reconciler |
| `ChangedBatches` | live, system page | | | |
| `ManifestStore` | uploads, pages | | originals | |
| `ChunkReader` | pages | retries | claims | |
| `ChunkReleases`, `OverdueChunks` | | releases, reconciler | | |
| `WaitingChunks` | system page | | | |
| `ChunkClaims`, `ChunkOutcomes` | | | claims | `ChunkOutcomes`: sums |
| `ChunkEndings` | | | | ends of stopped batches |
| `DraftStore`, `AppendStore` | drafts | | | |
| `RecipeStore` | recipes | | | |
| `CostModels` | predictions | | | learning |
| `WorkerRegister` | system page | | heartbeat | forecasts |
| `ObjectReader`, `ObjectWriter` | uploads, downloads, janitor | | originals, prints | |
| `StoreMarker` | store watch | | readiness | |
| `WorkRecorder` | | | statistics | |
| `FactsRecorder` | deleting | | | ends |
| `StatisticsReader` | statistics | | | |
"""

from dataclasses import dataclass, field

from shared.metrics import Metrics
from shared.ports.chunks import (
    ChunkClaims,
    ChunkEndings,
    ChunkOutcomes,
    ChunkReader,
    ChunkReleases,
    ChunkStore,
    OverdueChunks,
    WaitingChunks,
)
from shared.ports.documents import (
    BatchReader,
    BatchStore,
    BatchSweeps,
    BatchWriter,
    ChangedBatches,
    CostModels,
    ManifestStore,
    RecipeStore,
    WorkerRegister,
)
from shared.ports.drafts import AppendReader, AppendStore, DraftStore, DraftSweeps, DraftWriter
from shared.ports.messaging import (
    DeadLetter,
    DeadLetters,
    Delivery,
    Publisher,
    QueueDepth,
    QueueDepths,
    Subscriber,
    Subscription,
)
from shared.ports.objects import ObjectReader, ObjectStore, ObjectWriter, StoredObject, StoreMarker
from shared.ports.statistics import FactsRecorder, StatisticsReader, StatisticsStore, WorkRecorder

__all__ = [
    "AppendReader",
    "AppendStore",
    "BatchReader",
    "BatchStore",
    "BatchSweeps",
    "BatchWriter",
    "ChangedBatches",
    "ChunkClaims",
    "ChunkEndings",
    "ChunkOutcomes",
    "ChunkReader",
    "ChunkReleases",
    "ChunkStore",
    "CostModels",
    "DeadLetter",
    "DeadLetters",
    "Delivery",
    "DraftStore",
    "DraftSweeps",
    "DraftWriter",
    "FactsRecorder",
    "ManifestStore",
    "ObjectReader",
    "ObjectStore",
    "ObjectWriter",
    "OverdueChunks",
    "Ports",
    "Publisher",
    "QueueDepth",
    "QueueDepths",
    "RecipeStore",
    "StatisticsReader",
    "StatisticsStore",
    "StoreMarker",
    "StoredObject",
    "Subscriber",
    "Subscription",
    "WaitingChunks",
    "WorkRecorder",
    "WorkerRegister",
]


@dataclass(frozen=True)
class Ports:
    """One adapter for each port, and what the process counts: what a service is wired with."""

    publisher: Publisher
    subscriber: Subscriber
    batches: BatchStore
    manifests: ManifestStore
    chunks: ChunkStore
    workers: WorkerRegister
    recipes: RecipeStore
    cost_models: CostModels
    drafts: DraftStore
    appends: AppendStore
    objects: ObjectStore
    statistics: StatisticsStore
    queue_depths: QueueDepths
    dead_letters: DeadLetters
    metrics: Metrics = field(default_factory=Metrics)
