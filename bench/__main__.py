"""Runs the bench: `python -m bench`."""

import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.comparison import Run, describe_other_work
from bench.contender import ContenderFailedError, Surroundings
from bench.machine import describe_surroundings
from bench.photographs import noop_file, twelve_megapixel_photographs
from bench.processor_time import processes_named
from bench.report import as_markdown, print_sections, sections, write_json
from bench.rounds import CONTENDERS, run_rounds
from bench.workloads import Workload, WorkloadName
from tests.servers import running_servers

FOLDER = Path("var/bench")
SERVER_COMMANDS = ("beam.smp", "mongod", "docker-proxy")
console = Console()


def main(
    images: Annotated[int, typer.Option(help="Photographs in each run; 0 leaves them out.")] = 160,
    noop_images: Annotated[int, typer.Option(help="No-op images in each run; 0 leaves them out.")] = 10_000,
    rounds: Annotated[int, typer.Option(help="Runs of each contender.")] = 3,
    photographs: Annotated[Path | None, typer.Option(help="Take the photographs in this folder, as they are.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this contender, such as darkroom; repeatable.")] = None,
) -> None:
    """Measure Darkroom beside a bare process pool and the original Celery design, on real servers.

    Prints medians and ratios, and keeps every run under var/bench/ as JSON and the tables as Markdown.
    Servers are found as the tests find them: addresses from the environment, Docker, native.
    """
    # Ends like Ctrl-C does, with everything that was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    names = sorted({name for contenders in CONTENDERS.values() for name in contenders})
    if unknown := sorted(set(only or ()) - set(names)):
        raise typer.BadParameter(f"there is no {unknown[0]!r}; there are: {', '.join(map(repr, names))}")
    workloads = _workloads(images, noop_images, photographs)
    before = processes_named(SERVER_COMMANDS)
    with running_servers() as servers:
        described = describe_surroundings(servers)
        surroundings = Surroundings(servers, _started_since(before), FOLDER.resolve() / "work", _cores())
        try:
            runs = run_rounds(workloads, rounds, only or (), surroundings, _tell)
        except ContenderFailedError as error:
            console.print(str(error), markup=False)
            raise typer.Exit(1) from error
    described["Other work"] = describe_other_work(runs)
    tables = sections(runs)
    print_sections(console, tables)
    console.print(f"Other work on this machine: {described['Other work']}")
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    write_json(FOLDER / f"{name}.json", runs, described)
    (FOLDER / f"{name}.md").write_text(as_markdown(tables, described))
    console.print(f"Kept in {FOLDER / name}.json and .md")


def _workloads(images: int, noop_images: int, photographs: Path | None) -> Sequence[Workload]:
    cache = FOLDER.resolve()
    # Enough for every process to get some; they are given out one by one.
    warm_up_images = 4 * _cores()
    files: dict[WorkloadName, tuple[Sequence[Path], int]] = {}
    if images:
        real = sorted(photographs.resolve().iterdir()) if photographs else twelve_megapixel_photographs(cache)
        files["photographs"] = real, images
    if noop_images:
        files["no-op"] = [noop_file(cache)], noop_images
    return [Workload.of(name, paths, count, warm_up_images) for name, (paths, count) in files.items()]


def _started_since(before: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The servers' processes: those that are new, or all where the servers ran before."""
    now = processes_named(SERVER_COMMANDS)
    new = {name: tuple(set(pids) - set(before[name])) for name, pids in now.items()}
    return {name: new[name] or pids for name, pids in now.items() if pids}


def _cores() -> int:
    return os.cpu_count() or 1


def _tell(run: Run) -> None:
    console.print(
        f"round {run.round + 1}: {run.workload}, {run.contender}: {run.images_per_second:,.1f} images/s"
        f" ({run.measured.seconds:.2f} s)"
    )


if __name__ == "__main__":
    typer.run(main)
