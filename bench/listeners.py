"""Measures how soon those who watch batches see them move: `python -m bench.listeners`. One gateway on real servers."""

import asyncio
import random
import re
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.own_gateway import OwnGateway, own_gateway
from bench.processor_time import process_table
from shared.adapters.mongodb.opening import open_documents
from shared.adapters.rabbitmq.broker import open_broker
from shared.ports import BatchStore, Publisher
from shared.running.clock import utc_now
from shared.running.hinting import progress_hint
from shared.running.lifecycle import Readiness
from tests.fakes import new_batch
from tests.servers import running_servers

FOLDER = Path("var/bench").resolve()
CONNECT_SECONDS = 60.0
LAST_EVENT_SECONDS = 2.0
"""After the last move, for its events to come."""

VERSION = re.compile(rb"\nid: (\d+)\n")


def main(
    listeners: Annotated[int, typer.Option(help="Event streams that are open.")] = 500,
    batches: Annotated[int, typer.Option(help="Batches among which they are shared out.")] = 1,
    moves: Annotated[float, typer.Option(help="Moves a second, of all batches together.")] = 20.0,
    seconds: Annotated[float, typer.Option(help="How long they move.")] = 20.0,
) -> None:
    """Move batches at random moments and note when each stream shows each move; no worker and no tracker runs."""
    with (
        running_servers() as servers,
        servers.rabbitmq.address.fresh_virtual_host() as rabbitmq_url,
        servers.mongodb.address.fresh_database() as mongodb_url,
        own_gateway(rabbitmq_url, mongodb_url, FOLDER / "watch-objects", FOLDER / "watch-gateway.log") as gateway,
    ):
        measured = asyncio.run(_watch(gateway, rabbitmq_url, mongodb_url, Load(listeners, batches, moves, seconds)))
    Console().print(measured.table())


@dataclass(frozen=True)
class Load:
    """How many watch, and how often what they watch moves."""

    listeners: int
    batches: int
    moves: float
    seconds: float


@dataclass(eq=False)
class Stream(asyncio.Protocol):
    """One listener: the versions of its batch that it was sent, each with the moment."""

    batch_id: str
    seen: list[tuple[float, int]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    _rest: bytes = b""

    def connection_made(self, transport: Any) -> None:
        """Ask for the events."""
        transport.write(f"GET /pipeline/batch/{self.batch_id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Note the versions in it."""
        now = time.perf_counter()
        whole, end, self._rest = (self._rest + data).rpartition(b"\n\n")
        self.seen += [(now, int(version)) for version in VERSION.findall(whole + end)]
        if self.seen:
            self.begun.set()


@dataclass(frozen=True)
class Measured:
    """What the streams were sent, when each version was in the database, and what the gateway spent meanwhile."""

    load: Load
    streams: Sequence[Stream]
    written_at: dict[str, dict[int, float]]
    processor_seconds: float

    def table(self) -> Table:
        """The figures."""
        delays = sorted(delay for stream in self.streams for delay in self._delays(stream))
        events = sum(len(stream.seen) for stream in self.streams)
        table = Table("what", "result", title=f"{self.load.listeners} listeners, {self.load.batches} batches")
        for share in (50, 99):
            table.add_row(f"from the write to the listener, p{share}", _milliseconds(delays, share))
        table.add_row("at most", f"{delays[-1] * 1000:.0f} ms")
        table.add_row("moves", str(sum(map(len, self.written_at.values()))))
        table.add_row("events a second and listener", f"{events / len(self.streams) / self.load.seconds:.2f}")
        table.add_row("gateway's processor time", f"{self.processor_seconds:.2f} s")
        table.add_row("for each event", f"{self.processor_seconds / events * 1000:.3f} ms")
        return table

    def _delays(self, stream: Stream) -> Iterator[float]:
        """The time from each write to the first event with that version or a later one."""
        seen = iter(stream.seen)
        at, newest = 0.0, -1
        for version, written_at in self.written_at.get(stream.batch_id, {}).items():
            while newest < version:
                at, newest = next(seen)
            yield at - written_at


def _milliseconds(delays: Sequence[float], share: int) -> str:
    return f"{statistics.quantiles(delays, n=100)[share - 1] * 1000:.0f} ms"


async def _watch(gateway: OwnGateway, rabbitmq_url: str, mongodb_url: str, load: Load) -> Measured:
    async with open_documents(mongodb_url) as documents, open_broker(rabbitmq_url, "bench", Readiness()) as broker:
        ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(load.batches)]
        for batch_id in ids:
            await documents.batches.add(new_batch(batch_id, total_images=1_000_000, now=utc_now()))
        streams = [Stream(ids[number % load.batches]) for number in range(load.listeners)]
        async with _connected(gateway.port, streams):
            before = _processor_seconds(gateway)
            written_at = await _move(documents.batches, broker.publisher, ids, load)
            await asyncio.sleep(LAST_EVENT_SECONDS)
            return Measured(load, streams, written_at, _processor_seconds(gateway) - before)


@asynccontextmanager
async def _connected(port: int, streams: Sequence[Stream]) -> AsyncIterator[None]:
    """All streams open, each with its first event."""
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        for stream in streams:
            transport, _ = await loop.create_connection(partial(_same, stream), "127.0.0.1", port)
            stack.callback(transport.abort)
        async with asyncio.timeout(CONNECT_SECONDS):
            for stream in streams:
                await stream.begun.wait()
        yield


def _same(stream: Stream) -> Stream:
    return stream


async def _move(
    batches: BatchStore, publisher: Publisher, ids: Sequence[str], load: Load
) -> dict[str, dict[int, float]]:
    """Move the batches in turn, each write followed by its hint; answers when each version was written."""
    written_at: dict[str, dict[int, float]] = {batch_id: {} for batch_id in ids}
    began = due = time.perf_counter()
    number = 0
    while due < began + load.seconds:
        batch_id, number = ids[number % len(ids)], number + 1
        moved = await batches.change(
            batch_id, lambda batch: batch.changed(utc_now(), completed_images=batch.completed_images + 1)
        )
        written_at[batch_id][moved.version] = time.perf_counter()
        await publisher.publish(progress_hint(moved))
        due += random.expovariate(load.moves)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    return written_at


def _processor_seconds(gateway: OwnGateway) -> float:
    return process_table()[gateway.process.pid].seconds


if __name__ == "__main__":
    typer.run(main)
