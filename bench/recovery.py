"""Measures how soon Darkroom gets over a loss: `python -m bench.recovery`. Kills workers and the broker under load."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from examples.sample_photographs import write_sample_photographs
from tests.chaos.timings import Timings
from tests.processes import RunningProcess, free_port, wait_until
from tests.servers import Servers, own_servers
from tests.servers.mongodb import with_database

PHOTOGRAPHS = 24
COPIES = 100
"""Photographs are small, so that full speed is some fifty images a second and its return is seen at once."""

CALM_SECONDS = 12.0
"""Before each loss: full speed is measured over ten."""

WORKERS = ("worker-1", "worker-2")


def main(
    kills: Annotated[int, typer.Option(help="Workers to kill.")] = 10,
    restarts: Annotated[int, typer.Option(help="Orderly restarts of the broker, and as many of kill -9.")] = 3,
) -> None:
    """Kill -9 a worker again and again, then restart and kill -9 RabbitMQ, while two workers develop photographs."""
    with own_servers() as servers, TemporaryDirectory() as folder, _running(Path(folder), servers) as system:
        system.wait_until_ready()
        asyncio.run(_measure(system, servers, kills, restarts))


class _System:
    """The processes of one Darkroom with two workers, default settings but one child each."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self.port = free_port()
        self.mongodb_url = with_database(servers.mongodb_url, "darkroom")
        self.processes: dict[str, RunningProcess] = {}
        self._folder = folder
        self._lives = 0
        self._environment = {
            "PATH": os.defpath,
            "DARKROOM_RABBITMQ_URL": servers.rabbitmq_url,
            "DARKROOM_MONGODB_URL": self.mongodb_url,
            "DARKROOM_OBJECTS_URL": str(folder / "objects"),
            "DARKROOM_PORT": str(self.port),
            "DARKROOM_WORKER_CHILDREN": "1",
        }

    def start(self, name: str) -> None:
        """Start a process; a worker gets an id of its own each time."""
        self._lives += 1
        environment = {**self._environment, "DARKROOM_WORKER_ID": self.id_of(name)}
        command = [sys.executable, "-m", f"services.{name.partition('-')[0]}"]
        self.processes[name] = RunningProcess(self.id_of(name), command, environment, self._folder / f"{name}.log")

    def id_of(self, name: str) -> str:
        """What the newest life is called."""
        return f"{name}-life-{self._lives}"

    def wait_until_ready(self) -> None:
        """Return once the gateway takes uploads."""
        url = f"http://127.0.0.1:{self.port}/readyz"

        def is_ready() -> bool:
            try:
                return httpx.get(url, timeout=2).is_success
            except httpx.TransportError:
                return False

        wait_until(is_ready, "the gateway is ready")

    def upload(self, photographs: list[Path]) -> None:
        """Hand in a batch that lasts for a minute or so."""
        files = [("files", (path.name, path.read_bytes())) for path in photographs * COPIES]
        url = f"http://127.0.0.1:{self.port}/pipeline/batch"
        httpx.post(url, data={"batch_name": "recovery"}, files=files, timeout=120).raise_for_status()


@contextmanager
def _running(folder: Path, servers: Servers) -> Iterator[_System]:
    system = _System(folder, servers)
    try:
        for name in ("tracker", "chunker", "gateway", *WORKERS):
            system.start(name)
        yield system
    finally:
        for process in system.processes.values():
            process.stop()


async def _measure(system: _System, servers: Servers, kills: int, restarts: int) -> None:
    with TemporaryDirectory() as folder:
        photographs = write_sample_photographs(Path(folder), count=PHOTOGRAPHS, megapixels=0.5)
        timings = Timings(system.mongodb_url)
        background = [
            asyncio.create_task(timings.sample(), name="sampling"),
            asyncio.create_task(_keep_busy(system, photographs), name="uploads"),
        ]
        try:
            await _lose_workers(system, timings, kills)
            await _lose_the_broker(servers, timings, restarts)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await timings.close()
    table = Table("what", "result", title=f"{kills} killed workers, {2 * restarts} lost brokers")
    for what, result in timings.summary().items():
        table.add_row(what, result)
    Console().print(table)


async def _keep_busy(system: _System, photographs: list[Path]) -> None:
    while True:
        await asyncio.to_thread(system.upload, photographs)
        await asyncio.sleep(20)


async def _lose_workers(system: _System, timings: Timings, kills: int) -> None:
    for number in range(kills):
        await asyncio.sleep(CALM_SECONDS)
        name = WORKERS[number % len(WORKERS)]
        victim = system.processes[name]
        victim.signal(signal.SIGKILL)
        timings.worker_killed(victim.name)
        await asyncio.to_thread(victim.wait)
        system.start(name)


async def _lose_the_broker(servers: Servers, timings: Timings, restarts: int) -> None:
    for stop in (servers.rabbitmq.stop, servers.rabbitmq.kill):
        for _ in range(restarts):
            await asyncio.sleep(CALM_SECONDS)
            async with timings.return_of_the_broker():
                await asyncio.to_thread(stop)
                await asyncio.to_thread(servers.rabbitmq.start)


if __name__ == "__main__":
    typer.run(main)
