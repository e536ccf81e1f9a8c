"""`make bench-images`: the engines in turn, each in a process of its own, round after round."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console

from bench.images.difference import mean_difference
from bench.images.workloads import Workload, workloads
from bench.photographs import twelve_megapixel_photographs
from bench.report import Section, as_markdown, print_sections
from services.worker.children.process import KEPT_MEMORY

FOLDER = Path("var/bench").resolve()
OTHERS_PYTHON = FOLDER / "engines" / "bin" / "python"
ENGINES = ("darkroom", "naive", "libvips", "thumbor")
OTHERS = frozenset({"libvips", "thumbor"})
"""Engines that live in an environment of their own: Thumbor wants an older Pillow."""

FLOORS = ("fewest_calls", "encoder_alone")
"""No engines to choose from, but what is left of naive Pillow when all that can be saved is saved."""

RUN_SECONDS = 600


@dataclass(frozen=True)
class Run:
    """One engine's figures for one image of a workload, in one round."""

    workload: Workload
    engine: str
    processor_ms: float
    wall_ms: float
    peak_mb: float
    print_kb: float


def main(
    rounds: Annotated[int, typer.Option(help="How often each engine runs.", min=1)] = 5,
    only: Annotated[list[str] | None, typer.Option(help="A workload whose name contains this.")] = None,
) -> None:
    """Compare processor time, peak memory, size and faithfulness of the prints."""
    console = Console()
    chosen = [
        workload
        for workload in workloads(twelve_megapixel_photographs(FOLDER), FOLDER)
        if not only or any(part in workload.name for part in only)
    ]
    runs = []
    for number in range(rounds):
        for workload in chosen:
            for engine in (*ENGINES, *FLOORS):
                runs.append(_run(engine, workload))
                console.print(f"round {number + 1}, {workload.name}, {engine}: {runs[-1].processor_ms:.1f} ms")
    tables = [_ratios(runs, chosen), _floors(runs, chosen), *(_figures(runs, workload) for workload in chosen)]
    print_sections(console, tables)
    report = FOLDER / "images.md"
    report.write_text(as_markdown(tables, _surroundings()))
    console.print(f"Also in {report}")


def _run(engine: str, workload: Workload) -> Run:
    request = {
        "asked": workload.asked,
        "files": [str(file) for file in workload.files],
        "repeats": workload.repeats,
        "folder": str(_prints(engine, workload)),
    }
    python = str(OTHERS_PYTHON) if engine in OTHERS else sys.executable
    # One thread each: a worker has a process per core, and the time is added up over threads anyway.
    # Darkroom's has what its worker gives to its children.
    kept = [f"{name}={value}" for name, value in KEPT_MEMORY.items()] if engine == "darkroom" else []
    command = ["env", "VIPS_CONCURRENCY=1", *kept, python, "-m", "bench.images.measured", engine, json.dumps(request)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=RUN_SECONDS)
    return Run(workload, engine, **json.loads(ran.stdout.splitlines()[-1]))


def _prints(engine: str, workload: Workload) -> Path:
    return FOLDER / "image-prints" / engine / workload.name.replace(" ", "-")


def _of(runs: Sequence[Run], engine: str, workload: Workload) -> list[Run]:
    return [run for run in runs if run.engine == engine and run.workload == workload]


def _ratios(runs: Sequence[Run], chosen: Sequence[Workload]) -> Section:
    rows = []
    for workload in chosen:
        for engine in ENGINES[1:]:
            goal = {"libvips": f"at most {workload.most_of_libvips:g}", "naive": "at most 0.5"}.get(engine, "")
            rows.append((*_ratio(runs, workload, "darkroom", engine), goal))
    columns = ("work", "ratio", "median", "range", "goal")
    return Section("Processor time, ratios within each round", columns, tuple(rows))


def _floors(runs: Sequence[Run], chosen: Sequence[Workload]) -> Section:
    rows = tuple(_ratio(runs, workload, floor, "naive") for workload in chosen for floor in FLOORS)
    return Section("What no engine on Pillow can save", ("work", "ratio", "median", "range"), rows)


def _ratio(runs: Sequence[Run], workload: Workload, one: str, other: str) -> tuple[str, ...]:
    pairs = zip(_of(runs, one, workload), _of(runs, other, workload), strict=True)
    ratios = [ours.processor_ms / theirs.processor_ms for ours, theirs in pairs]
    names = f"{one} / {other}".replace("_", " ")
    return workload.name, names, f"{median(ratios):.2f}", f"{min(ratios):.2f}-{max(ratios):.2f}"


def _figures(runs: Sequence[Run], workload: Workload) -> Section:
    rows = []
    for engine in ENGINES:
        own = _of(runs, engine, workload)
        rows.append(
            (
                engine,
                f"{median(run.processor_ms for run in own):.1f}",
                f"{median(run.wall_ms for run in own):.1f}",
                f"{max(run.peak_mb for run in own):.0f}",
                f"{own[-1].print_kb:.0f}",
                f"{mean_difference(workload, _prints(engine, workload)):.2f}",
            )
        )
    columns = ("engine", "processor ms", "wall ms", "peak MB", "kB of prints", "RMSE of 255")
    return Section(f"One image, {workload.name}", columns, tuple(rows))


def _surroundings() -> dict[str, str]:
    return {
        "When": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Machine": f"{os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "Software": f"{_software(sys.executable, 'PIL')}; beside it {_software(str(OTHERS_PYTHON), 'PIL', 'thumbor')}",
        "libvips": _software(str(OTHERS_PYTHON), "pyvips"),
    }


def _software(python: str, *modules: str) -> str:
    told = {
        "PIL": "import PIL; print('Pillow', PIL.__version__)",
        "thumbor": "import thumbor; print('Thumbor', thumbor.__version__)",
        "pyvips": "import pyvips; print('.'.join(str(pyvips.version(part)) for part in range(3)))",
    }
    printed = [subprocess.check_output([python, "-c", told[module]], text=True).strip() for module in modules]
    return ", ".join(printed)


if __name__ == "__main__":
    typer.run(main)
