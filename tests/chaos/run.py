"""One run: start everything, load it, trouble it, let it settle, judge it."""

import asyncio
import random
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.client import Client
from tests.chaos.faults import Faults
from tests.chaos.load import Load
from tests.chaos.logs import unexpected_lines
from tests.chaos.points import crash_points
from tests.chaos.processes import Life, Supervised
from tests.chaos.schedule import PLACES, draw_schedule
from tests.chaos.system import System, running_system
from tests.chaos.timings import Timings
from tests.chaos.verdict import Judge, Recorded, Verdict, unfinished_batches
from tests.servers import Servers
from tests.servers.mongodb import with_database

SETTLE_SECONDS = 240.0
"""After the last fault, for every batch to finish: an image that ends its workers needs a minute by itself."""

WARM_UP_SECONDS = 3.0


@dataclass(frozen=True)
class Options:
    """A run: everything but the timing follows from the seed.

    `deadly_share` of the batches hold a deadly image, `cancelled_share` are cancelled soon after their upload; `points`
    are patterns of the crash points that may be used.
    """

    seed: int
    seconds: float
    deadly_share: float = 0.03
    cancelled_share: float = 0.16
    points: tuple[str, ...] = ("*",)


@dataclass(frozen=True)
class Report:
    """What a run found; `findings` is empty when every promise was kept."""

    options: Options
    verdict: Verdict
    faults: Mapping[str, int]
    prints: int
    batches: int
    crash_points: int
    points_hit: frozenset[str]
    points_passed: frozenset[str]
    timings: Mapping[str, str]
    settled_seconds: float
    findings: tuple[str, ...]


class Run:
    """One run in a folder, which keeps every log."""

    def __init__(self, options: Options, folder: Path, show: Callable[[str], None]) -> None:
        self._options = options
        self._folder = folder
        self._show = show
        self._began = time.monotonic()
        self._findings: list[str] = []
        self._timings: Timings
        self._kills = 0

    async def report(self, servers: Servers) -> Report:
        """Do it all."""
        self._timings = Timings(with_database(servers.mongodb_url, "darkroom"))
        try:
            async with running_system(self._folder, servers, self._ended) as system:
                self._log(f"seed {self._options.seed}: the system is up")
                load = Load(
                    self._options.seed,
                    system.gateway_urls,
                    deadly_share=self._options.deadly_share,
                    cancelled_share=self._options.cancelled_share,
                )
                faults = Faults(system, self._timings, self._log)
                settled_seconds = await self._trouble(system, load, faults)
                judge = Judge(
                    load.ledger, await asyncio.to_thread(Recorded.read, system.mongodb_url), system.objects.path
                )
                judge.judge_documents()
                prints = await judge.judge_prints(system.gateway_urls)
                await self._judge_broker(system, faults)
        finally:
            await self._timings.close()
        for place in system.places.values():
            self._findings += place.unexpected
        self._findings += unexpected_lines([place.log_file for place in system.places.values()])
        self._findings += faults.problems
        return Report(
            options=self._options,
            verdict=judge.verdict,
            faults=faults.performed,
            prints=prints,
            batches=sum(upload.is_acknowledged for upload in load.ledger.uploads),
            crash_points=len(crash_points()),
            points_hit=frozenset(faults.killed_at),
            points_passed=frozenset(system.orders.passed()),
            timings=self._timings.summary(),
            settled_seconds=settled_seconds,
            findings=(*judge.verdict.findings, *self._findings),
        )

    async def _trouble(self, system: System, load: Load, faults: Faults) -> float:
        """Load and trouble the system, then wait until every batch has finished; how long that took."""
        loading = asyncio.create_task(load.run(), name="load")
        sampling = asyncio.create_task(self._timings.sample(), name="sampling")
        try:
            await asyncio.sleep(WARM_UP_SECONDS)
            options = self._options
            await faults.follow(draw_schedule(options.seed, options.seconds, options.points), options.seconds)
            system.undo_all()
            load.stop()
            self._log("no more faults and no more uploads; every batch has to finish now")
            ended_at = time.monotonic()
            await asyncio.wait([loading], timeout=SETTLE_SECONDS)
            await self._until_quiet(system)
            return time.monotonic() - ended_at
        finally:
            for task in (sampling, loading):
                task.cancel()
            await asyncio.gather(sampling, loading, return_exceptions=True)

    async def _until_quiet(self, system: System) -> None:
        """Wait until no batch is on its way and no work in the broker: late requests and duplicates are worked off."""
        client = Client(system.gateway_urls, random.Random(self._options.seed))
        held: Mapping[str, object] = {}
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while held := await self._left(system):
                    for batch_id in held:
                        if held[batch_id] == "paused":  # by a request that was held up on its way
                            await client.control(batch_id, "resume")
                    await asyncio.sleep(1.0)
        except TimeoutError:
            self._findings.append(f"the system never fell quiet: {held}")
        finally:
            await client.close()

    async def _left(self, system: System) -> Mapping[str, object]:
        """What is not settled yet: messages by queue, batches by id."""
        unfinished = await asyncio.to_thread(unfinished_batches, system.mongodb_url)
        return {**await asyncio.to_thread(system.broker.work_left), **unfinished}

    async def _judge_broker(self, system: System, faults: Faults) -> None:
        letters = await asyncio.to_thread(system.broker.dead_letters)
        self._findings += [
            f"a dead letter of {queue} that nobody injected: {body[:200]!r}"
            for queue, body in letters
            if body not in faults.garbage
        ]

    def _ended(self, place: Supervised, life: Life, status: int) -> None:
        self._log(f"  {life.identity} ended with status {status}")
        if place.service == "worker" and status == -signal.SIGKILL and not place.ending:
            self._timings.worker_killed(life.identity)

    def _log(self, what: str) -> None:
        self._show(f"{time.monotonic() - self._began:7.1f} s  {what}")


async def run_chaos(options: Options, folder: Path, servers: Servers, show: Callable[[str], None]) -> Report:
    """Run once in an empty folder."""
    random.seed(options.seed)
    return await Run(options, folder, show).report(servers)


def described(report: Report) -> str:
    """The report for people."""
    verdict = report.verdict
    passed = {point for point in report.points_passed if point.split()[0] in PLACES}
    every = {str(point) for point in crash_points()}
    rows = {
        "batches acknowledged": report.batches,
        "images attempted": verdict.attempted,
        "images acknowledged": verdict.acknowledged,
        "  completed": verdict.completed,
        "  failed": verdict.failed,
        "  revoked": verdict.revoked,
        "  deleted": verdict.deleted,
        "  failed for being alone in three killed workers": verdict.excused,
        "lost": verdict.lost,
        "duplicated": verdict.duplicated,
        "recovered": verdict.recovered,
        "unexpected": len(report.findings),
        "prints compared": report.prints,
        "faults": ", ".join(f"{count} {kind}" for kind, count in sorted(report.faults.items())),
        "crash points": f"{report.crash_points}; killed at {len(report.points_hit)}, passed {len(passed & every)}",
        "settled after the last fault": f"{report.settled_seconds:.0f} s",
        **report.timings,
    }
    never_hit = sorted(passed & every - report.points_hit)
    never_passed = sorted(every - passed)
    lines = [f"{name:52} {value}" for name, value in rows.items()]
    lines += [f"passed but never killed at: {', '.join(never_hit)}"] if never_hit else []
    lines += [f"never passed: {', '.join(never_passed)}"] if never_passed else []
    lines += [f"UNEXPECTED {finding}" for finding in report.findings]
    return "\n".join(lines)
