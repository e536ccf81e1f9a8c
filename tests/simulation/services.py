"""The real services of one simulated system, each started through its real `run_…` with simulated ports."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from services.chunker import service as chunker
from services.chunker.settings import ChunkerSettings
from services.gateway import relay as gateway
from services.tracker import service as tracker
from services.tracker.settings import TrackerSettings
from services.worker import service as worker
from services.worker.settings import WorkerSettings
from shared.adapters.memory_documents import MemoryManifests, MemoryWorkers
from shared.clock import Clock
from shared.lifecycle import Readiness
from shared.ports import Ports
from tests.simulation.broker import SimulatedBroker
from tests.simulation.chance import Chance
from tests.simulation.images import PlannedBatch, SimulatedEngine
from tests.simulation.ledger import Ledger
from tests.simulation.lives import Life, Supervisor
from tests.simulation.ports import (
    SimulatedPublisher,
    SimulatedSubscriber,
    reached_batches,
    reached_chunks,
    reached_manifests,
    reached_objects,
    reached_workers,
)
from tests.simulation.stores import ObservedBatches, ObservedChunks, Report, SimulatedObjects

RELAY_SWEEP_SECONDS = 5.0
CHUNKER = ChunkerSettings()
WORKER = WorkerSettings(worker_id="", worker_children=1, worker_chunks_in_hand=2)
TRACKER = TrackerSettings(fold_most_results=5, fold_wait_seconds=0.05)


@dataclass
class System:
    """The servers of a simulated system, and what all services share."""

    chance: Chance
    clock: Clock
    report: Report
    planned: Sequence[PlannedBatch]
    chunker_settings: ChunkerSettings
    broker: SimulatedBroker = field(init=False)
    batches: ObservedBatches = field(init=False)
    chunks: ObservedChunks = field(init=False)
    ledger: Ledger = field(init=False)
    manifests: MemoryManifests = field(default_factory=MemoryManifests)
    workers: MemoryWorkers = field(default_factory=MemoryWorkers)
    objects: SimulatedObjects = field(default_factory=SimulatedObjects)
    engine_failures: Counter[bytes] = field(default_factory=Counter)
    relays: dict[str, gateway.Relay] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.broker = SimulatedBroker(self.chance)
        self.batches = ObservedBatches(self.report)
        self.chunks = ObservedChunks(self.report)
        self.ledger = Ledger(self.batches, self.chunks, self.chance, self.report, self.chunker_settings)

    def begin(self, name: str) -> Life:
        """Begin a life."""
        return Life(name, self.chance, self.broker)

    def ports(self, life: Life) -> Ports:
        """Every port as one process sees it."""
        sizes = {batch.id: batch.chunk_size for batch in self.planned}

        def object_failed(key: str, *_: object) -> None:
            self.ledger.object_failed(key, sizes)

        return Ports(
            publisher=SimulatedPublisher(life, self.ledger),
            subscriber=SimulatedSubscriber(life, self.ledger),
            batches=reached_batches(life, self.batches),
            manifests=reached_manifests(life, self.manifests),
            chunks=reached_chunks(life, self.chunks),
            workers=reached_workers(life, self.workers),
            objects=reached_objects(life, self.objects, object_failed),
        )

    async def chunker(self, life: Life) -> None:
        """Run a chunker."""
        await chunker.run_chunker(self.ports(life), self.chunker_settings, life.stopping, Readiness(), self.clock)

    async def worker(self, life: Life) -> None:
        """Run a worker. In half of all cases its id outlives it, as a container's host name does."""
        same_id = self.chance.rng.random() < 0.5
        settings = WORKER.model_copy(update={"worker_id": life.name.partition(".")[0] if same_id else life.name})
        engine = SimulatedEngine(self.planned, self.chance.rng, self.ledger, self.engine_failures)
        await worker.run_worker(self.ports(life), engine, settings, life.stopping, Readiness(), self.clock)

    async def tracker(self, life: Life) -> None:
        """Run a tracker."""
        await tracker.run_tracker(self.ports(life), TRACKER, life.stopping, Readiness(), self.clock)

    async def gateway(self, life: Life) -> None:
        """Run a gateway's relay until its life stops."""
        ports = self.ports(life)
        relay = gateway.Relay(ports.batches, ports.publisher, self.clock, RELAY_SWEEP_SECONDS)
        self.relays[life.name] = relay
        relaying = asyncio.create_task(relay.run(life.stopping, Readiness()), name="relay")
        try:
            await asyncio.wait([relaying, asyncio.create_task(life.stopping.wait())], return_when="FIRST_COMPLETED")
        finally:
            relaying.cancel()
            await asyncio.gather(relaying, return_exceptions=True)


def supervisors(system: System, rng: random.Random) -> list[Supervisor]:
    """One to three of each service."""
    kinds: Mapping[str, tuple[Callable[[Life], Awaitable[None]], int]] = {
        "gateway": (system.gateway, 2),
        "chunker": (system.chunker, 2),
        "worker": (system.worker, 3),
        "tracker": (system.tracker, 3),
    }
    return [
        Supervisor(f"{name}-{number}", live, system.begin)
        for name, (live, most) in kinds.items()
        for number in range(rng.randint(1, most))
    ]
