"""The figures for people, in the terminal and as Markdown, and for programs as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.comparison import (
    RATIOS,
    Ratio,
    Run,
    contenders_of,
    is_quiet,
    processor_ms_per_image,
    processor_ratio,
    rates,
    ratio_per_round,
)
from bench.processor_time import OTHERS
from bench.workloads import WorkloadName

SHOWN_MS = 0.001


@dataclass(frozen=True)
class Section:
    """A table: its title, the names of its columns, and rows of text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections(runs: Sequence[Run]) -> list[Section]:
    """Every table, in the order in which people want to know."""
    workloads = list(dict.fromkeys(run.workload for run in runs))
    tables = [_ratios(runs), *(_rates(runs, workload) for workload in workloads)]
    return [table for table in [*tables, *(_profile(runs, workload) for workload in workloads)] if table.rows]


def _ratios(runs: Sequence[Run]) -> Section:
    rows = tuple(_ratio_row(runs, ratio) for ratio in RATIOS if ratio_per_round(runs, ratio))
    columns = ("workload", "ratio", "median", "range", "goal", "by processor time")
    return Section("Ratios of rates, within each round", columns, rows)


def _ratio_row(runs: Sequence[Run], ratio: Ratio) -> tuple[str, ...]:
    per_round, by_processor_time = ratio_per_round(runs, ratio), processor_ratio(runs, ratio)
    middle = median(per_round)
    goal = "" if ratio.goal is None else f"{ratio.goal:g}, {_verdict(runs, middle, ratio.goal)}"
    name = f"{ratio.contender} / {ratio.against}"
    spread = f"{min(per_round):.2f}-{max(per_round):.2f}"
    return ratio.workload, name, f"{middle:.2f}", spread, goal, f"{by_processor_time:.2f}" if by_processor_time else ""


def _verdict(runs: Sequence[Run], middle: float, goal: float) -> str:
    if not is_quiet(runs):
        return "not judged"
    return "reached" if middle >= goal else "missed"


def _rates(runs: Sequence[Run], workload: WorkloadName) -> Section:
    rows = []
    for contender in contenders_of(runs, workload):
        measured = rates(runs, workload, contender)
        uploads = [
            run.images / run.measured.upload_seconds
            for run in runs
            if (run.workload, run.contender) == (workload, contender) and run.measured.upload_seconds
        ]
        rows.append(
            (
                contender,
                f"{median(measured):,.1f}",
                f"{min(measured):,.1f}-{max(measured):,.1f}",
                f"{median(uploads):,.1f}" if uploads else "",
            )
        )
    return Section(f"Images per second, {workload}", ("contender", "median", "range", "upload"), tuple(rows))


def _profile(runs: Sequence[Run], workload: WorkloadName) -> Section:
    contenders = contenders_of(runs, workload)
    spent = [processor_ms_per_image(runs, workload, contender) for contender in contenders]
    # What else the machine did is nobody's, so it stands apart.
    others = [by_role.pop(OTHERS, 0.0) for by_role in spent]
    limit = {role: max(by_role.get(role, 0.0) for by_role in spent) for by_role in spent for role in by_role}
    roles = sorted((role for role in limit if limit[role] >= SHOWN_MS), key=lambda role: -limit[role])
    rows = [(role, *(f"{by_role[role]:.3f}" if role in by_role else "" for by_role in spent)) for role in roles]
    rows += [("together", *(f"{sum(by_role.values()):.3f}" for by_role in spent))]
    rows += [(OTHERS, *(f"{ms:.3f}" for ms in others))]
    title = f"Processor milliseconds per image, {workload}"
    return Section(title, ("process", *contenders), tuple(rows))


def print_sections(console: Console, tables: Sequence[Section]) -> None:
    """Print every table in the terminal."""
    for section in tables:
        table = Table(title=section.title, title_justify="left", title_style="bold")
        for number, column in enumerate(section.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in section.rows:
            table.add_row(*row)
        console.print(table)


def as_markdown(tables: Sequence[Section], surroundings: Mapping[str, str]) -> str:
    """Every table as docs/benchmarks.md keeps them."""
    lines = [f"{name}: {value}  " for name, value in surroundings.items()]
    for section in tables:
        lines += ["", f"**{section.title}**", "", _markdown_row(section.columns)]
        lines += [_markdown_row(["---", *["---:"] * (len(section.columns) - 1)])]
        lines += [_markdown_row(row) for row in section.rows]
    return "\n".join([*lines, ""])


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write_json(path: Path, runs: Sequence[Run], surroundings: Mapping[str, str]) -> None:
    """Keep every single run."""
    path.write_text(json.dumps({"surroundings": dict(surroundings), "runs": [asdict(run) for run in runs]}, indent=1))
