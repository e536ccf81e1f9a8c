"""`make bench-page`: the page in a real Chromium, its gateway on real servers, all of it on this machine."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from playwright.async_api import Browser
from rich.console import Console

from bench.machine import describe_surroundings
from bench.own_gateway import OwnGateway, own_gateway
from bench.page.development import develop
from bench.page.dropping import choices
from bench.page.files import files_of
from bench.page.first_sight import first_sights
from bench.page.large_batch import scrolled, watched
from bench.page.seeded_batch import add_batch
from bench.page.uploads import uploads
from bench.report import Section, as_markdown, print_sections
from shared.adapters.mongodb import open_documents
from shared.adapters.rabbitmq import open_broker
from shared.running.lifecycle import Readiness
from tests.browser.chromium import launched
from tests.servers import running_servers

FOLDER = Path("var/bench/page").resolve()
OBJECTS = FOLDER / "objects"
WATCHED_IMAGES = 5000
"""Before and behind the first that is developed: more than are shown, or developed meanwhile."""

AHEAD_IMAGES = 1000
"""What is watched waits for some time, and then is developed."""


@dataclass(frozen=True)
class Stage:
    """What the parts of the bench share."""

    gateway: OwnGateway
    mongodb_url: str
    rabbitmq_url: str
    images: int
    files: int
    file_bytes: int
    chosen: int
    rounds: int

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.gateway.port}"

    async def first(self, browser: Browser) -> Sequence[Section]:
        """How soon each view is seen."""
        async with open_documents(self.mongodb_url) as documents:
            batch, _ = await add_batch(documents, OBJECTS, 1000, 1000, range(1000))
        views = {
            "list": (f"{self.address}/", ".row"),
            "batch": (f"{self.address}/batches/{batch.id}", ".cell img"),
            "system": (f"{self.address}/system", ".charts"),
        }
        return [await first_sights(browser, views, self.rounds)]

    async def scroll(self, browser: Browser) -> Sequence[Section]:
        """A finished batch, from its first image to its last."""
        async with open_documents(self.mongodb_url) as documents:
            batch, _ = await add_batch(documents, OBJECTS, self.images, self.images, range(self.images))
        return [await scrolled(browser, f"{self.address}/batches/{batch.id}")]

    async def watch(self, browser: Browser) -> Sequence[Section]:
        """A running batch, in the middle of which one looks at what is developed soon."""
        middle = self.images // 20 * 10
        async with (
            open_documents(self.mongodb_url) as documents,
            open_broker(self.rabbitmq_url, "bench", Readiness()) as broker,
        ):
            shown = range(middle - WATCHED_IMAGES, middle + WATCHED_IMAGES)
            batch, made = await add_batch(documents, OBJECTS, self.images, middle, shown)
            address = f"{self.address}/batches/{batch.id}?image={middle + AHEAD_IMAGES}"
            return [await watched(browser, address, partial(develop, documents, broker.publisher, batch, made))]

    async def upload(self, browser: Browser) -> Sequence[Section]:
        """Files dropped on the page, beside curl."""
        folder = files_of(FOLDER / "upload", self.files, self.file_bytes, linked=False)
        return await uploads(browser, self.gateway, folder, self.files * self.file_bytes, self.rounds)

    async def choose(self, browser: Browser) -> Sequence[Section]:
        """Very many files, of which none is sent."""
        folder = files_of(FOLDER / "chosen", self.chosen, self.file_bytes, linked=True)
        return [await choices(browser, f"{self.address}/", folder, self.chosen)]


Part = Callable[[Stage, Browser], Awaitable[Sequence[Section]]]
PARTS: dict[str, Part] = {
    "first": Stage.first,
    "scroll": Stage.scroll,
    "watch": Stage.watch,
    "upload": Stage.upload,
    "choose": Stage.choose,
}


def main(
    images: Annotated[int, typer.Option(help="Images of the batches that are shown.", min=10_000)] = 100_000,
    files: Annotated[int, typer.Option(help="Files that are uploaded.")] = 10_000,
    file_bytes: Annotated[int, typer.Option(help="Size of each file.")] = 100_000,
    chosen: Annotated[int, typer.Option(help="Files that are chosen and not uploaded.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="How often views are opened and files uploaded.", min=1)] = 3,
    only: Annotated[list[str] | None, typer.Option(help=f"A part: {', '.join(PARTS)}.")] = None,
) -> None:
    """Measure what the page must hold."""
    OBJECTS.mkdir(parents=True, exist_ok=True)
    try:
        with (
            running_servers() as servers,
            servers.rabbitmq.address.fresh_virtual_host() as rabbitmq_url,
            servers.mongodb.address.fresh_database() as mongodb_url,
            own_gateway(rabbitmq_url, mongodb_url, OBJECTS, FOLDER / "gateway.log") as gateway,
        ):
            stage = Stage(gateway, mongodb_url, rabbitmq_url, images, files, file_bytes, chosen, rounds)
            tables, chromium = asyncio.run(_run(stage, only or list(PARTS)))
            surroundings = {
                **describe_surroundings(servers),
                "Chromium": chromium,
                "Load": ", ".join(f"{load:.1f}" for load in os.getloadavg()),
            }
    finally:
        shutil.rmtree(OBJECTS)
    report = FOLDER / "page.md"
    report.write_text(as_markdown(tables, surroundings))
    Console().print(f"Also in {report}")


async def _run(stage: Stage, names: Sequence[str]) -> tuple[list[Section], str]:
    tables: list[Section] = []
    version = ""
    for name in names:
        # A browser of its own for each part: what one leaves behind is not the next one's.
        async with _browser() as browser:
            version = browser.version
            found = await PARTS[name](stage, browser)
        print_sections(Console(), found)
        tables += found
    return tables, version


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    with tempfile.TemporaryDirectory() as scratch:
        async with launched(Path(scratch)) as browser:
            yield browser


if __name__ == "__main__":
    typer.run(main)
