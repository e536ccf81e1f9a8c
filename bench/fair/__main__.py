"""Runs the bench: `python -m bench.fair`. Exits with 1 if a bar is missed."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console

from bench.contender import ContenderFailedError
from bench.darkroom_client import DarkroomClient
from bench.fair.figures import Measured, section
from bench.fair.situations import POLL_SECONDS, Situations
from bench.fair.system import running_system
from bench.machine import describe_surroundings
from bench.report import Section, as_markdown, print_sections
from examples.sample_photographs import write_sample_photographs
from tests.servers import Servers, running_servers
from tests.upgrade.checkouts import Checkout, older_checkout, present_checkout

FOLDER = Path("var/bench/fair").resolve()
SMALL_IMAGES = 10
PHOTOGRAPHS = 20
MANY = 50
QUICK_TRIALS = 5
MAX_SECONDS = 60.0
QUICK_SECONDS = 12.0
console = Console()


@dataclass(frozen=True)
class Plan:
    """What is measured in each system."""

    large_images: int
    megapixels: float
    trials: int
    quick: bool

    def measure(self, client: DarkroomClient, photographs: Sequence[Path]) -> tuple[Measured, list[Measured]]:
        """The idle system and all other situations."""
        large = tuple(islice(cycle(photographs), self.large_images))
        small, seconds = photographs[:SMALL_IMAGES], QUICK_SECONDS if self.quick else MAX_SECONDS
        there = Situations(client, small, large, self.trials, seconds)
        client.wait_until_ready()
        client.wait_until_finished(client.upload(photographs, chunk_size=1), POLL_SECONDS)
        idle = there.idle()
        behind_one = there.beside_large(1)
        measured = [behind_one, there.beside_large(1, "high")]
        if not self.quick:
            measured += [there.beside_large(3), there.beside_large(1, "low"), there.last_of(MANY)]
        capacity = behind_one.alone or 1.0
        return idle, [*measured, there.among_small(SMALL_IMAGES if self.quick else MANY, capacity)]


def main(
    workers: Annotated[list[int] | None, typer.Option(help="Worker processes; repeatable. Default: 1.")] = None,
    large_images: Annotated[int, typer.Option(help="Photographs of a large batch.")] = 3000,
    megapixels: Annotated[float, typer.Option(help="Size of a photograph.")] = 1.0,
    trials: Annotated[int, typer.Option(help="Small batches in each situation.")] = 20,
    against: Annotated[str | None, typer.Option(help="Measure this Git revision, to see it miss the bars.")] = None,
    *,
    quick: Annotated[bool, typer.Option(help="Few small batches and situations, for three minutes.")] = False,
) -> None:
    """Measure batches of ten photographs: alone, behind large batches, among small ones."""
    plan = Plan(large_images, megapixels, QUICK_TRIALS if quick else trials, quick)
    load = [_load()]
    with running_servers() as servers, _checkout(against) as checkout:
        try:
            measured = [(number, *_measure(servers, checkout, number, plan)) for number in workers or [1]]
        except ContenderFailedError as error:
            console.print(str(error), markup=False)
            raise typer.Exit(1) from error
        surroundings = describe_surroundings(servers)
    surroundings |= {"Load before, after": f"{load[0]}, {_load()}", "Revision": against or "this checkout"}
    _write([section(*each) for each in measured], surroundings)
    kept = all(each.is_kept(median(idle.seconds)) for _, idle, situations in measured for each in situations)
    raise typer.Exit(0 if kept else 1)


def _measure(servers: Servers, checkout: Checkout, workers: int, plan: Plan) -> tuple[Measured, list[Measured]]:
    children = max(1, (os.cpu_count() or 1) // workers)
    # What a run that failed has left stays until the next, its logs among it.
    shutil.rmtree(FOLDER / "work", ignore_errors=True)
    (FOLDER / "work").mkdir(parents=True)
    photographs = write_sample_photographs(FOLDER / "photographs", PHOTOGRAPHS, plan.megapixels)
    with running_system(servers, checkout, FOLDER / "work", workers, children) as client:
        idle, situations = plan.measure(client, photographs)
    shutil.rmtree(FOLDER / "work")
    print_sections(console, [section(workers, idle, situations)])
    return idle, situations


@contextmanager
def _checkout(revision: str | None) -> Iterator[Checkout]:
    with ExitStack() as stack:
        if revision is None:
            yield present_checkout()
        else:
            folder = FOLDER / "older"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            yield stack.enter_context(older_checkout(revision, folder))


def _write(tables: Sequence[Section], surroundings: dict[str, str]) -> None:
    (FOLDER / "fair.md").write_text(as_markdown(tables, surroundings))
    console.print(f"Also in {FOLDER / 'fair.md'}; load before and after: {surroundings['Load before, after']}")


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    typer.run(main)
