"""Measures one large archive: `python -m bench.archive`. The gateway's memory, and its speed beside plain reading."""

import asyncio
import itertools
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bench.own_gateway import OwnGateway, own_gateway
from examples.sample_photographs import write_sample_photographs
from shared.adapters.mongodb import open_documents
from shared.adapters.object_store import open_object_store
from shared.documents import MANIFEST_PAGE_IMAGES, Batch, Chunk, ManifestEntry, ManifestPage, Outcome, Print
from shared.object_keys import print_key
from shared.ports import ObjectStore
from shared.recipes import BUILT_IN_RECIPES
from tests.servers import running_servers

FOLDER = Path("var/bench").resolve()
WARM_UP_IMAGES = 200
OUTPUTS = ("web", "thumbnail")
WAYS = ("archive", "contact-sheet?limit=1000000")
PUTS_AT_ONCE = 32

T = TypeVar("T")


def main(
    prints: Annotated[int, typer.Option(help="Prints in the archive, two of each image.")] = 20_000,
    print_bytes: Annotated[int, typer.Option(help="Size of each print.")] = 40_000,
    rounds: Annotated[int, typer.Option(help="How often everything is read.")] = 3,
) -> None:
    """Stream archives and contact sheets from a gateway on real servers, and read the same prints directly."""
    objects = FOLDER / "archive-objects"
    with (
        running_servers() as servers,
        servers.rabbitmq.address.fresh_virtual_host() as rabbitmq_url,
        servers.mongodb.address.fresh_database() as mongodb_url,
    ):
        data = _print_of(print_bytes)
        few, many = (
            asyncio.run(_record(mongodb_url, objects, name, images, data))
            for name, images in (("few", WARM_UP_IMAGES), ("many", prints // len(OUTPUTS)))
        )
        try:
            with own_gateway(rabbitmq_url, mongodb_url, objects, FOLDER / "archive-gateway.log") as gateway:
                _measure(gateway, few, many, objects, rounds)
        finally:
            shutil.rmtree(objects)


def _measure(gateway: OwnGateway, few: Batch, many: Batch, objects: Path, rounds: int) -> None:
    for way in WAYS:
        _download(gateway.port, few, way)
    before = gateway.peak_megabytes()
    directly: list[float] = []
    archives: list[tuple[float, int]] = []
    for _ in range(rounds):
        directly.append(asyncio.run(_read_directly(open_object_store(str(objects)), many)))
        archives.append(_download(gateway.port, many, WAYS[0]))
    after = gateway.peak_megabytes()
    sheet_seconds, sheet_bytes = _download(gateway.port, many, WAYS[1])
    ratios = sorted(plain / seconds for plain, (seconds, _) in zip(directly, archives, strict=True))
    seconds, size = min(archives)
    table = Table("what", "result", title=f"{many.total_images * len(OUTPUTS)} prints in one archive")
    table.add_row(f"gateway's peak memory after {WARM_UP_IMAGES} images", f"{before:.0f} MB")
    table.add_row("gateway's peak memory after the archives", f"{after:.0f} MB")
    table.add_row("gateway's peak memory after the contact sheet", f"{gateway.peak_megabytes():.0f} MB")
    table.add_row(
        f"archive, best of {rounds}", f"{size / 1e6:.0f} MB, {seconds:.1f} s, {size / seconds / 1e6:.0f} MB/s"
    )
    table.add_row("reading the prints one by one, best", f"{min(directly):.1f} s")
    ratio = f"{ratios[len(ratios) // 2]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    table.add_row("archive's speed to that of reading", ratio)
    table.add_row("contact sheet", f"{sheet_bytes / 1e6:.0f} MB, {sheet_seconds:.1f} s")
    Console().print(table)


def _print_of(size: int) -> bytes:
    """A JPEG's bytes, cut or filled up to the size: nobody decodes it here."""
    (path,) = write_sample_photographs(FOLDER / "archive-photograph", count=1, megapixels=0.5)
    return path.read_bytes()[:size].ljust(size, b"\0")


async def _record(mongodb_url: str, folder: Path, name: str, images: int, data: bytes) -> Batch:
    """A finished batch with its documents in the database and its prints in the folder."""
    now = datetime.now(UTC)
    recipe = BUILT_IN_RECIPES["web"]
    batch_id = f"00000000-0000-4000-8000-{images:012}"
    batch = Batch(
        id=batch_id,
        name=name,
        recipe=recipe,
        total_images=images,
        chunk_size=10,
        status="SUCCESS",
        completed_images=images,
        created_at=now,
        dispatched_at=now,
        finished_at=now,
    )
    objects = open_object_store(str(folder))
    keys = (print_key(batch.id, index, output, "jpg") for index in range(images) for output in OUTPUTS)
    for some in _batched(keys, PUTS_AT_ONCE):
        await asyncio.gather(*(objects.put(key, data) for key in some))
    async with open_documents(mongodb_url) as documents:
        for page in range(-(-images // MANIFEST_PAGE_IMAGES)):
            indexes = range(page * MANIFEST_PAGE_IMAGES, min((page + 1) * MANIFEST_PAGE_IMAGES, images))
            entries = tuple(ManifestEntry(index=i, name=f"IMG_{i % 9999:04}.jpg", size_bytes=1) for i in indexes)
            await documents.manifests.add(ManifestPage(batch_id=batch.id, page=page, entries=entries))
        for some_chunks in _batched(iter(_chunks(batch, len(data), now)), 100):
            await documents.chunks.add(some_chunks)
        await documents.batches.add(batch)
    return batch


def _chunks(batch: Batch, print_bytes: int, now: datetime) -> Iterator[Chunk]:
    prints = tuple(
        Print(output=output, extension="jpg", media_type="image/jpeg", width=side, height=side, size_bytes=print_bytes)
        for output, side in zip(OUTPUTS, (1600, 320), strict=True)
    )
    outcome = Outcome(state="completed", prints=prints)
    for number in range(batch.total_chunks):
        first = number * batch.chunk_size
        indexes = tuple(range(first, min(first + batch.chunk_size, batch.total_images)))
        empty = Chunk(batch_id=batch.id, number=number, indexes=indexes, lease_until=now)
        yield empty.folded(dict.fromkeys(indexes, outcome))


async def _read_directly(objects: ObjectStore, batch: Batch) -> float:
    """Seconds for reading every print once, one after the other."""
    started = time.perf_counter()
    for index in range(batch.total_images):
        for output in OUTPUTS:
            await objects.get(print_key(batch.id, index, output, "jpg"))
    return time.perf_counter() - started


def _download(port: int, batch: Batch, way: str) -> tuple[float, int]:
    """Seconds and bytes; nothing is kept."""
    started, size = time.perf_counter(), 0
    with httpx.stream("GET", f"http://127.0.0.1:{port}/pipeline/batch/{batch.id}/{way}", timeout=60) as response:
        response.raise_for_status()
        for piece in response.iter_raw():
            size += len(piece)
    return time.perf_counter() - started, size


def _batched(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while some := list(itertools.islice(items, size)):
        yield some


if __name__ == "__main__":
    typer.run(main)
