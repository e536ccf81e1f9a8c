"""One seed, from upload to verdict: a system, its troubles, and whether it kept its promises."""

import asyncio
import contextlib
import hashlib
import logging
import random
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from unittest.mock import patch

import structlog

from shared.documents import Batch, original_key
from shared.errors import DuplicateBatchError, TransientError
from shared.lifecycle import Stopping
from shared.recipes import built_in_recipes
from tests.simulation.chance import Chance, Event, FaultPlan
from tests.simulation.images import PlannedBatch
from tests.simulation.lives import Supervisor
from tests.simulation.services import CHUNKER, System, supervisors
from tests.simulation.verdict import breaches
from tests.simulation.virtual_time import VirtualLoop

END_SECONDS = 600.0
"""Virtual time after the last fault in which every batch must have ended."""

QUIET_SECONDS = 300.0
"""Virtual time after the last batch's end in which the queues must be empty."""

CLOSING_SECONDS = 120.0
"""Virtual time in which every service that is told to stop must have ended."""

LIMITS = (
    "chunker.handlers.CHUNKS_PER_WRITE",
    "chunker.reconciler.PAGE",
    "gateway.relay.SWEPT_AT_ONCE",
    "tracker.handlers.CHUNKS_PER_SEAL",
    "tracker.reconciler.PAGE",
)


@dataclass(frozen=True)
class Report:
    """How one seed went. Equal seeds have equal digests, on every machine."""

    seed: int
    breaches: tuple[str, ...]
    trace: tuple[str, ...]
    digest: str
    virtual_seconds: float


def simulate(seed: int) -> Report:
    """Run one seed."""
    random_state = random.getstate()
    loop = VirtualLoop()
    with _silent_logs(), _small_limits(seed):
        try:
            random.seed(seed)  # the services' own jitter
            return loop.run_until_complete(_Run(seed, loop).report())
        finally:
            random.setstate(random_state)
            loop.run_until_complete(_end_tasks())
            loop.close()


class _Run:
    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self._seed = seed
        self._loop = loop
        rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._chance = Chance(rng, FaultPlan.drawn(rng), loop.time)
        self._found: list[str] = []
        self._broken = asyncio.Event()
        self._closing = Stopping()
        settings = CHUNKER.model_copy(update={"window_chunks": rng.randint(1, 4)})
        planned = [PlannedBatch.drawn(rng, number) for number in range(rng.randint(1, 3))]
        self._system = System(self._chance, loop.clock, self._breach, planned, settings)
        self._supervisors = supervisors(self._system, rng)

    async def report(self) -> Report:
        """Live through it and judge."""
        runs = [asyncio.create_task(s.run(self._closing, self._breach), name=s.name) for s in self._supervisors]
        troubles = [asyncio.create_task(self._trouble(event)) for event in self._chance.plan.events]
        await self._until_broken(self._all_end(), self._chance.plan.ends_at + END_SECONDS)
        for trouble in troubles:
            trouble.cancel()
        self._chance.stop()
        if not self._found:
            self._found += breaches(self._system)
        if not self._found:
            await self._wait_until_quiet()
            await self._close(runs)
        return self._reported()

    async def _all_end(self) -> None:
        await asyncio.gather(*(self._upload(batch) for batch in self._system.planned))
        await self._system.batches.all_finished.wait()

    async def _upload(self, planned: PlannedBatch) -> None:
        """Do what a client and a gateway's handler do, again until the batch is recorded."""
        await asyncio.sleep(planned.at)
        for index, kind in enumerate(planned.images):
            if kind != "missing":
                self._system.objects.stored[original_key(planned.id, index)] = planned.original(index)
        gateways = [s for s in self._supervisors if s.name.startswith("gateway")]
        while True:
            if await self._recorded(planned, self._chance.rng.choice(gateways)):
                return
            await asyncio.sleep(self._chance.pause_seconds(1.0))

    async def _recorded(self, planned: PlannedBatch, gateway: Supervisor) -> bool:
        relay = self._system.relays.get(gateway.life.name)
        if relay is None or gateway.life.crashed:
            return False
        batch = Batch.begun(
            planned.id,
            "holiday",
            built_in_recipes()["web"],
            total_images=len(planned.images),
            chunk_size=planned.chunk_size,
            now=self._loop.clock(),
            priority=planned.priority,
        )
        try:
            await self._system.ports(gateway.life).batches.add(batch)
        except DuplicateBatchError:
            return True
        except (TransientError, asyncio.CancelledError):  # the gateway crashed, and with it this request
            return False
        relay.wake(batch)
        return True

    async def _trouble(self, event: Event) -> None:
        await asyncio.sleep(event.at)
        self._chance.note(f"trouble: {event.kind}")
        victim = self._chance.rng.choice(self._supervisors).life
        broker = self._system.broker
        match event.kind:
            case "crash":
                victim.crash("is killed")
            case "stop":
                victim.stop()
            case "cut":
                broker.cut()
            case "wipe":
                broker.wipe()
            case "blackout":
                for supervisor in self._supervisors:
                    supervisor.life.crash("is killed")
                broker.wipe()

    async def _wait_until_quiet(self) -> None:
        """Give what is still under way its time: late duplicates, retries, pauses after failures."""
        deadline = self._loop.time() + QUIET_SECONDS
        while not self._system.broker.is_quiet:
            if self._loop.time() > deadline:
                self._breach(f"the queues never fell quiet: {self._system.broker.held_up()}")
                return
            await asyncio.sleep(1.0)

    async def _close(self, runs: Sequence["asyncio.Task[None]"]) -> None:
        self._closing.set()
        for supervisor in self._supervisors:
            supervisor.life.stopping.set()
        _, late = await asyncio.wait(runs, timeout=CLOSING_SECONDS)
        for name in sorted(task.get_name() for task in late):
            self._breach(f"{name} did not stop when told")
        self._found += [] if self._found else breaches(self._system)

    async def _until_broken(self, work: Coroutine[None, None, None], seconds: float) -> None:
        """Wait for the work, but no longer than until the first breach or the deadline."""
        tasks = [asyncio.create_task(work), asyncio.create_task(self._broken.wait())]
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    def _breach(self, what: str) -> None:
        self._chance.note(f"BREACH {what}")
        self._found.append(what)
        self._broken.set()

    def _reported(self) -> Report:
        chance = self._chance
        ends = [(b.id, b.status, b.version, b.completed_images) for b in self._system.batches.recorded]
        seen = repr((chance.trace, chance.calls, ends, chance.rng.random(), self._loop.time()))
        digest = hashlib.sha256(seen.encode()).hexdigest()[:12]
        return Report(self._seed, tuple(self._found), tuple(chance.trace), digest, self._loop.time())


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def _small_limits(seed: int) -> Iterator[None]:
    """Let limits that only huge batches reach be reached by small ones, in two of three seeds."""
    with contextlib.ExitStack() as stack:
        for limit in LIMITS if seed % 3 else ():
            stack.enter_context(patch(f"services.{limit}", seed % 3))
        yield


@contextlib.contextmanager
def _silent_logs() -> Iterator[None]:
    config = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**config)
