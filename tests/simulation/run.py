"""One seed, from upload to verdict: a system, its troubles, and whether it kept its promises."""

import asyncio
import hashlib
import random
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass

from shared.documents import Batch
from tests.simulation.chance import AIMED, Chance, Event, FaultPlan, is_aimed
from tests.simulation.clients import Client
from tests.simulation.plans import PlannedBatch
from tests.simulation.services import CHUNKER, TRACKER, WORKER, System, supervisors
from tests.simulation.shares import judged_slots
from tests.simulation.surroundings import surroundings, unforeseen_errors
from tests.simulation.verdict import breaches, leavings
from tests.simulation.virtual_time import DeadlockError, LivelockError, VirtualLoop

END_SECONDS = 900.0
"""Virtual time after the last fault in which every batch must have ended."""

QUIET_SECONDS = 300.0
"""Virtual time after the last batch's end in which the queues must be empty and every chunk settled."""

TIDY_SECONDS = 400.0
"""Virtual time after that in which whatever was deleted or belongs to no batch must be gone."""

CLOSING_SECONDS = 120.0
"""Virtual time in which every service that is told to stop must have ended."""

LONGEST_FREEZE_SECONDS = 40.0

LONGEST_LAST_PAUSE_SECONDS = 30.0
"""Batches that are left paused are resumed within this time."""

LONGEST_STANDSTILL_SECONDS = 60.0
"""In a run without faults something happens to every batch that may be developed at least so often."""

LONGEST_RECOVERY = 2.5
"""The same after the last fault, in times `stalled_batch_seconds`: messages may be lost behind those of others."""

STANDSTILL_LOOK_SECONDS = 10.0

DRAFTS_IN_TEN = 5
"""The last digit of the seeds whose batches are uploaded as drafts."""

AIMED_SECONDS = 5.0
"""An aimed seed's trouble lasts for so long after the last request."""


@dataclass(frozen=True)
class Report:
    """How one seed went. Equal seeds have equal digests, on every machine."""

    seed: int
    breaches: tuple[str, ...]
    trace: tuple[str, ...]
    digest: str
    virtual_seconds: float


def has_drafts(seed: int) -> bool:
    """Whether the batches of a seed are uploaded in several requests."""
    return seed % 10 == DRAFTS_IN_TEN


def simulate(seed: int) -> Report:
    """Run one seed."""
    random_state = random.getstate()
    loop = VirtualLoop()
    with surroundings(seed):
        try:
            random.seed(seed)  # the services' own jitter
            run = _Run(seed, loop)
            try:
                with unforeseen_errors(run.breach), judged_slots(run.breach):
                    return loop.run_until_complete(run.report())
            except (DeadlockError, LivelockError) as error:
                return run.reported(f"nothing ends any more: {error!r}")
        finally:
            random.setstate(random_state)
            loop.run_until_complete(_end_tasks())
            loop.close()


class _Run:
    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self._seed = seed
        self._loop = loop
        rng = random.Random(seed)
        faults = FaultPlan.drawn(rng)
        self._found: list[str] = []
        self._broken = asyncio.Event()
        patience = rng.choice((CHUNKER.stalled_batch_seconds, 300.0))
        chunker = CHUNKER.model_copy(update={"window_chunks": rng.randint(1, 4), "stalled_batch_seconds": patience})
        # With short leases a freeze or a stall loses a chunk, and its worker comes back to find it gone.
        worker = WORKER.model_copy(update={"lease_seconds": rng.choice((6.0, WORKER.lease_seconds))})
        if is_aimed(seed):
            worker = worker.model_copy(update={"worker_children": 1})
        # Without waiting for what is in development, the end meets results that come late.
        tracker = TRACKER.model_copy(update={"max_settling_seconds": 0.0}) if seed % 2 else TRACKER
        plans = [PlannedBatch.drawn(rng, number) for number in range(rng.randint(1, 3))]
        # Without a draw of its own, so that the seeds that catch broken handlers stay as noted.
        if has_drafts(seed):
            plans = [plan.as_draft() for plan in plans]
        if is_aimed(seed):
            plans = [plan.cancelled_soon() for plan in plans]
            faults = faults.aimed(AIMED[seed % 8], max(plan.asked_until for plan in plans) + AIMED_SECONDS)
        self._chance = Chance(rng, faults, loop.time)
        self._system = System(self._chance, loop, self.breach, plans, chunker, worker, tracker)
        self._supervisors = supervisors(self._system, rng)
        gateways = [s for s in self._supervisors if s.name.startswith("gateway")]
        self._clients = [Client(plan, self._system, gateways) for plan in plans]

    async def report(self) -> Report:
        """Live through it and judge."""
        runs = {s.name: asyncio.create_task(s.run(self.breach)) for s in self._supervisors}
        troubles = [asyncio.create_task(self._trouble(event)) for event in self._chance.plan.events]
        troubles.append(asyncio.create_task(self._watch_for_standstill()))
        await self._until_broken(self._all_end(), self._chance.plan.ends_at + END_SECONDS)
        for trouble in troubles:
            trouble.cancel()
        self._chance.stop()
        if self._may_go_on():
            await self._wait_until_none(self._unrest, QUIET_SECONDS)
            self._found += [] if self._found else breaches(self._system, self._clients)
        if self._may_go_on():
            await self._close({name: run for name, run in runs.items() if not name.startswith("gateway")})
            await self._wait_until_none(self._leavings, TIDY_SECONDS)
            await self._close(runs)
            self._found += [] if self._found else breaches(self._system, self._clients)
        return self.reported()

    def _may_go_on(self) -> bool:
        """Whether there is no breach so far, and every batch has ended."""
        if self._broken.is_set() or self._found:
            return False
        self._found += (
            f"batch {batch.id} never ended: {batch.status}, stop {batch.stop}, paused {batch.paused}, "
            f"generation {batch.generation}"
            for batch in self._unfinished()
        )
        return not self._found

    async def _all_end(self) -> None:
        """Live until every client has its answers and every batch has ended; those left paused are resumed."""
        async with asyncio.TaskGroup() as tasks:
            for client in self._clients:
                tasks.create_task(client.live())
        owners = {id_: client for client in self._clients for id_ in client.ids}
        await asyncio.sleep(self._chance.pause_seconds(LONGEST_LAST_PAUSE_SECONDS))
        while unfinished := self._unfinished():
            for batch in unfinished:
                if batch.paused:
                    await owners[batch.id].resume(batch.id)
            self._system.batches.changed.clear()
            await self._system.batches.changed.wait()

    async def _watch_for_standstill(self) -> None:
        undisturbed = self._chance.plan.is_calm and all(plan.is_harmless for plan in self._system.plans)
        patience = self._system.chunker_settings.stalled_batch_seconds
        longest = LONGEST_STANDSTILL_SECONDS if undisturbed else LONGEST_RECOVERY * patience
        faults_end_at = 0.0 if undisturbed else self._chance.plan.ends_at
        while True:
            await asyncio.sleep(STANDSTILL_LOOK_SECONDS)
            for batch in self._system.batches.recorded:
                still = self._loop.time() - max(self._system.work.active_at[batch.id], faults_end_at)
                if batch.may_be_developed and still > longest:
                    self.breach(f"nothing has happened to batch {batch.id} for {still:.0f} s")

    def _unfinished(self) -> list[Batch]:
        return [batch for batch in self._system.batches.recorded if not batch.is_finished]

    def _unrest(self) -> Iterator[str]:
        """What is still under way: late duplicates, retries, pauses after failures, chunks that came too late."""
        if not self._system.broker.is_quiet:
            yield f"the queues never fell quiet: {self._system.broker.held_up()}"
        for supervisor in self._supervisors:
            # A sweep holds no message: its call may record a chunk long after the batch has ended.
            if supervisor.life.delayed_calls:
                yield f"a call of {supervisor.name} is under way"
        for chunk in self._system.chunks.recorded:
            batch = self._system.batches.now(chunk.batch_id)
            if not chunk.settled and batch is not None and batch.deleted_at is None:
                yield f"chunk {chunk.id} was never settled"

    def _leavings(self) -> Iterator[str]:
        return leavings(self._system, self._clients)

    async def _wait_until_none(self, remaining: Callable[[], Iterator[str]], seconds: float) -> None:
        deadline = self._loop.time() + seconds
        while next(remaining(), None) is not None and not self._found:
            if self._loop.time() > deadline:
                self._found += remaining()
                return
            await asyncio.sleep(1.0)

    async def _close(self, runs: Mapping[str, "asyncio.Task[None]"]) -> None:
        for supervisor in self._supervisors:
            if supervisor.name in runs:
                supervisor.close()
        _, late = await asyncio.wait(runs.values(), timeout=CLOSING_SECONDS)
        self._found += (f"{name} did not stop when told" for name, run in runs.items() if run in late)

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
            case "freeze":
                victim.freeze(self._chance.pause_seconds(LONGEST_FREEZE_SECONDS))
            case "blackout":
                for supervisor in self._supervisors:
                    supervisor.life.crash("is killed")
                broker.wipe()

    async def _until_broken(self, work: Coroutine[None, None, None], seconds: float) -> None:
        """Wait for the work, but no longer than until the first breach or the deadline."""
        tasks = [asyncio.create_task(work), asyncio.create_task(self._broken.wait())]
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        if tasks[0].done() and not tasks[0].cancelled():
            tasks[0].result()

    def breach(self, what: str) -> None:
        """Note that a promise was broken; the run ends."""
        self._chance.note(f"BREACH {what}")
        self._found.append(what)
        self._broken.set()

    def reported(self, *found: str) -> Report:
        """How it went, with what else was found."""
        self._found += found
        chance = self._chance
        ends = [(b.id, b.status, b.version, b.completed_images, b.generation) for b in self._system.batches.recorded]
        seen = repr((chance.trace, chance.calls, ends, chance.rng.random(), self._loop.time()))
        digest = hashlib.sha256(seen.encode()).hexdigest()[:12]
        return Report(self._seed, tuple(self._found), tuple(chance.trace), digest, self._loop.time())


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
