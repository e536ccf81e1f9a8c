"""Service processes that are started again whenever they end, and every end accounted for."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.chaos.logs import log_entries
from tests.chaos.orders import Orders
from tests.chaos.proxy import Proxy
from tests.processes import ROOT
from tests.servers.processes import ProcessGroup

POLL_SECONDS = 0.05
STOP_SECONDS = 15.0
WITHOUT_SERVER = {"server_not_there_yet", "broker_channel_lost"}
PATIENCE_SECONDS = (45.0, 75.0)
"""A service that has no server for a minute says so and ends, for its supervisor to know."""

PAUSE_SECONDS = (0.2, 1.5)
"""Until a process that ended is started again, as a supervisor does."""


@dataclass
class Life:
    """One life of a process."""

    identity: str
    process: "subprocess.Popen[bytes]"
    killed: bool = False
    told_to_stop: bool = False


@dataclass
class Supervised:
    """One place in the system that is always filled by a process, each life with an identity of its own."""

    name: str
    service: str
    environment: Mapping[str, str]
    proxies: Mapping[str, Proxy]
    group: ProcessGroup
    orders: Orders
    log_file: Path
    may_start: asyncio.Event
    on_end: Callable[["Supervised", Life, int], None]
    lives: int = 0
    life: Life | None = None
    ending: bool = False
    unexpected: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Keep it filled until `end`; each end that nobody asked for is noted."""
        while not self.ending:
            await self.may_start.wait()
            life = self.life = self._start()
            status = await ended(life.process)
            self.life = None
            life.killed |= self.orders.killed_itself(life.process.pid)
            if not self._is_expected(life, status):
                self.unexpected.append(f"{life.identity} ended with status {status}")
            self.on_end(self, life, status)
            if not self.ending:
                await asyncio.sleep(random.uniform(*PAUSE_SECONDS))

    def signal(self, number: signal.Signals) -> bool:
        """Send a signal to the present life; whether there was one."""
        if self.life is None or self.life.process.poll() is not None:
            return False
        self.life.killed |= number == signal.SIGKILL
        self.life.told_to_stop |= number == signal.SIGTERM
        self.life.process.send_signal(number)
        return True

    def wake(self, process_id: int) -> None:
        """Have the present life go on, if it is this process and stands still."""
        if self.life is not None and self.life.process.pid == process_id:
            self.signal(signal.SIGCONT)

    async def end(self) -> None:
        """Have it stop in an orderly way for good; one that does not in time is noted and killed."""
        self.ending = True
        if not self.signal(signal.SIGTERM) or self.life is None:
            return
        life = self.life
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await ended(life.process)
        except TimeoutError:
            self.unexpected.append(f"{life.identity} did not stop within {STOP_SECONDS:.0f} s of SIGTERM")
            self.signal(signal.SIGKILL)

    def _is_expected(self, life: Life, status: int) -> bool:
        if status == -signal.SIGKILL:
            return life.killed
        own_log = self.log_file.read_text(errors="replace").rpartition(f"--- {life.identity}\n")[2]
        entries = list(log_entries(own_log.splitlines()))
        if status == -signal.SIGTERM:
            # Python itself was still starting, or had nothing left to do when it was told a second time.
            return life.told_to_stop and (not entries or entries[-1]["event"] == "service_stopped")
        if status == 1:
            return _has_waited_in_vain(entries)
        return status == 0 and life.told_to_stop

    def _start(self) -> Life:
        self.lives += 1
        identity = f"{self.name}-{self.lives}"
        command = [sys.executable, "-m", "tests.chaos.service", self.service, str(self.orders.folder)]
        with self.log_file.open("a") as log:
            log.write(f"--- {identity}\n")
        process = self.group.start(command, {**self.environment, "DARKROOM_WORKER_ID": identity}, self.log_file)
        return Life(identity, process)


def _has_waited_in_vain(entries: Sequence[Mapping[str, Any]]) -> bool:
    if not entries or entries[-1]["event"] != "service_failed":
        return False
    end = datetime.fromisoformat(entries[-1]["timestamp"])
    ages = [
        (end - datetime.fromisoformat(entry["timestamp"])).total_seconds()
        for entry in entries
        if entry["event"] in WITHOUT_SERVER
    ]
    return any(PATIENCE_SECONDS[0] <= age <= PATIENCE_SECONDS[1] for age in ages)


async def ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a process's end; its status. Polled: threads that wait are few, and nothing here is urgent."""
    while (status := process.poll()) is None:  # noqa: ASYNC110 - as above
        await asyncio.sleep(POLL_SECONDS)
    return status


def base_environment(folder: Path) -> dict[str, str]:
    """What every service process is told: small settings, so that everything that takes its time is over soon."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "DARKROOM_OBJECTS_URL": str(folder / "objects"),
        "DARKROOM_LOG_FORMAT": "json",
        "DARKROOM_WORKER_CHILDREN": "1",
        "DARKROOM_LEASE_SECONDS": "12",
        "DARKROOM_HEARTBEAT_SECONDS": "2",
        "DARKROOM_QUEUED_LEASE_SECONDS": "6",
        "DARKROOM_SWEEP_SECONDS": "2",
        "DARKROOM_STALLED_BATCH_SECONDS": "20",
        "DARKROOM_WINDOW_CHUNKS": "6",
        "DARKROOM_ROLL_UP_SECONDS": "2",
        "DARKROOM_RELAY_SWEEP_SECONDS": "2",
        "DARKROOM_WATCH_REFRESH_SECONDS": "2",
        "DARKROOM_JANITOR_SWEEP_SECONDS": "3",
        "DARKROOM_UPLOAD_IDLE_TIMEOUT_SECONDS": "10",
    }
