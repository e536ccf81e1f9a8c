"""The real services of one simulated system, each started through its real `run_…` with simulated ports."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.chunker import service as chunker
from services.chunker.settings import ChunkerSettings
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import GatewayParts
from services.tracker import service as tracker
from services.tracker.settings import TrackerSettings
from services.worker import service as worker
from services.worker.settings import WorkerSettings
from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.memory_cost_models import MemoryCostModels
from shared.adapters.memory_documents import MemoryRecipes, MemoryWorkers
from shared.adapters.memory_drafts import MemoryAppends, MemoryDrafts
from shared.adapters.memory_statistics import MemoryStatistics
from shared.ports import Ports
from shared.running.lifecycle import Readiness, repeat
from tests.simulation.broker import SimulatedBroker
from tests.simulation.chance import Chance
from tests.simulation.images import SimulatedEngine
from tests.simulation.ledger import Ledger
from tests.simulation.lives import Life
from tests.simulation.plans import PlannedBatch
from tests.simulation.ports import SimulatedPublisher, SimulatedSubscriber
from tests.simulation.reached import (
    reached_appends,
    reached_batches,
    reached_chunks,
    reached_cost_models,
    reached_drafts,
    reached_manifests,
    reached_objects,
    reached_recipes,
    reached_statistics,
    reached_workers,
)
from tests.simulation.rules import Report
from tests.simulation.stores import ObservedBatches, ObservedChunks, SimulatedManifests, SimulatedObjects
from tests.simulation.supervisors import Supervisor
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.work import Work

CHUNKER = ChunkerSettings()
WORKER = WorkerSettings(worker_id="", worker_children=2, worker_chunks_in_hand=2)
TRACKER = TrackerSettings(fold_max_results=5, fold_wait_seconds=0.05)
TIDY_SECONDS = 120.0
"""What is left over is removed after so long, which is still longer than anything takes."""

GATEWAY = GatewaySettings(
    tombstone_seconds=TIDY_SECONDS, stale_upload_seconds=TIDY_SECONDS, draft_expiry_seconds=TIDY_SECONDS
)


@dataclass
class System:
    """The servers of a simulated system, and what all services share."""

    chance: Chance
    loop: VirtualLoop
    report: Report
    plans: Sequence[PlannedBatch]
    chunker_settings: ChunkerSettings
    worker_settings: WorkerSettings
    tracker_settings: TrackerSettings
    broker: SimulatedBroker = field(init=False)
    batches: ObservedBatches = field(init=False)
    chunks: ObservedChunks = field(init=False)
    objects: SimulatedObjects = field(init=False)
    work: Work = field(init=False)
    ledger: Ledger = field(init=False)
    manifests: SimulatedManifests = field(init=False)
    workers: MemoryWorkers = field(default_factory=MemoryWorkers)
    recipes: MemoryRecipes = field(default_factory=MemoryRecipes)
    cost_models: MemoryCostModels = field(default_factory=MemoryCostModels)
    statistics: MemoryStatistics = field(default_factory=MemoryStatistics)
    drafts: MemoryDrafts = field(default_factory=MemoryDrafts)
    appends: MemoryAppends = field(default_factory=MemoryAppends)
    engine_failures: Counter[bytes] = field(default_factory=Counter)
    gateways: dict[str, GatewayParts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.broker = SimulatedBroker(self.chance)
        self.chunks = ObservedChunks(self.report)
        self.batches = ObservedBatches(self.chunks, self.report)
        self.objects = SimulatedObjects(self.plans, self.loop.clock)
        self.manifests = SimulatedManifests(self.objects.indexes)
        settling = timedelta(seconds=self.tracker_settings.max_settling_seconds)
        self.work = Work(self.batches, self.chunks, self.chance, self.loop.clock, settling, self.report)
        self.ledger = Ledger(self.batches, self.chunks, self.work, self.report, self.chunker_settings)

    def begin(self, name: str) -> Life:
        """Begin a life."""
        return Life(name, self.chance, self.broker, self.loop)

    def ports(self, life: Life) -> Ports:
        """Every port as one process sees it."""
        return Ports(
            publisher=SimulatedPublisher(life, self.ledger),
            subscriber=SimulatedSubscriber(life, self.ledger),
            batches=reached_batches(life, self.batches),
            manifests=reached_manifests(life, self.manifests),
            chunks=reached_chunks(life, self.chunks, self.work, self.ledger),
            workers=reached_workers(life, self.workers),
            recipes=reached_recipes(life, self.recipes),
            cost_models=reached_cost_models(life, self.cost_models),
            drafts=reached_drafts(life, self.drafts),
            appends=reached_appends(life, self.appends),
            objects=reached_objects(life, self.objects, self.work),
            statistics=reached_statistics(life, self.statistics),
            # Nobody looks at queues here.
            queue_depths=MemoryBroker().queue_depths,
            dead_letters=MemoryBroker().dead_letters,
        )

    async def chunker(self, life: Life) -> None:
        """Run a chunker."""
        await chunker.run_chunker(self.ports(life), self.chunker_settings, life.stopping, Readiness(), self.loop.clock)

    async def worker(self, life: Life) -> None:
        """Run a worker. In half of all cases its id outlives it, as a container's host name does."""
        same_id = self.chance.rng.random() < 0.5
        settings = self.worker_settings.model_copy(
            update={"worker_id": life.name.partition(".")[0] if same_id else life.name}
        )
        plans = {plan.name: plan for plan in self.plans}
        children = settings.worker_children
        engine = SimulatedEngine(life, plans, self.chance.rng, self.work, self.engine_failures, children)
        await worker.run_worker(self.ports(life), engine, settings, life.stopping, Readiness(), self.loop.clock)

    async def tracker(self, life: Life) -> None:
        """Run a tracker."""
        await tracker.run_tracker(self.ports(life), self.tracker_settings, life.stopping, Readiness(), self.loop.clock)

    async def gateway(self, life: Life) -> None:
        """Run a gateway, apart from HTTP: clients call its handlers through `Life.answer` until its life stops."""
        context = GatewayParts(self.ports(life), GATEWAY, Readiness(), life.stopping, self.loop.clock)
        async with asyncio.TaskGroup() as tasks:
            relaying = tasks.create_task(context.relay.run(life.stopping, context.readiness), name="relay")
            tidying = tasks.create_task(context.janitor.run(life.stopping), name="janitor")
            if any(plan.is_draft for plan in self.plans):
                sweep = context.draft_keeper.sweep
                repeat(tasks, "draft-keeper", GATEWAY.janitor_sweep_seconds, sweep, life.stopping)
            self.gateways[life.name] = context
            await life.stopping.wait()
            await context.relay.flush()
            relaying.cancel()
            tidying.cancel()


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
        for name, (live, limit) in kinds.items()
        for number in range(rng.randint(1, limit))
    ]
