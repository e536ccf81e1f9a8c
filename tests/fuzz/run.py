"""Cases by number, each the same for the same seed; findings are kept as files."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random

from shared.image_types import UnfitFile, recognise
from shared.recipes import Recipe
from tests.fuzz.child import DIED, HUNG, JudgingChild
from tests.fuzz.judging import GOOD, WRONG
from tests.fuzz.mutations import mutated
from tests.fuzz.recipes import FUZZED_RECIPES
from tests.fuzz.seeds import seed_files

FAULTS = frozenset({DIED, HUNG, WRONG, "crashed", "timeout", "out_of_memory"})
"""What no file of some kilobytes may lead to."""


@dataclass(frozen=True)
class Case:
    """One damaged file, and what is to be made of it."""

    number: int
    format: str
    data: bytes
    recipe: Recipe


@dataclass
class Report:
    """How cases ended, and those that should not have ended so."""

    seconds: float = 0.0
    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Cases by format and end."""
    faults: list[tuple[Case, str, str]] = field(default_factory=list)
    slowest_seconds: float = 0.0


def accepted_seeds() -> dict[str, tuple[bytes, ...]]:
    """Give the seed files of the formats that the worker takes."""
    return {name: files for name, files in seed_files().items() if not isinstance(recognise(files[0]), UnfitFile)}


def cases(seed: int, first: int = 0) -> Iterator[Case]:
    """Give cases without end, from one number on."""
    seeds = accepted_seeds()
    number = first
    while True:
        yield _case(seeds, seed, number)
        number += 1


def _case(seeds: dict[str, tuple[bytes, ...]], seed: int, number: int) -> Case:
    chance = Random(f"{seed}:{number}")
    name = chance.choice(tuple(seeds))
    data = mutated(chance.choice(seeds[name]), seeds[name], chance)
    return Case(number, name, data, chance.choice(FUZZED_RECIPES))


async def fuzz(seed: int, *, minutes: float = float("inf"), limit: int | None = None, first: int = 0) -> Report:
    """Run cases until the time or their number is up."""
    report = Report()
    began = time.monotonic()
    async with JudgingChild() as child:
        for case in cases(seed, first):
            asked = time.monotonic()
            end, detail = await child.judge(case.data, case.recipe)
            now = time.monotonic()
            report.slowest_seconds = max(report.slowest_seconds, now - asked)
            report.seconds = now - began
            report.ends[case.format, end] += 1
            if end in FAULTS:
                report.faults.append((case, end, detail))
            if report.seconds >= minutes * 60 or report.ends.total() == limit:
                return report
    return report


def keep(report: Report, folder: Path) -> list[str]:
    """Write what was found to files, and give a line for each."""
    lines = []
    for case, end, detail in report.faults:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{end}-{sha256(case.data).hexdigest()[:12]}.{case.format}"
        file.write_bytes(case.data)
        lines.append(f"{file} (case {case.number}, recipe {case.recipe.name}): {end}: {detail.strip()}")
    return lines


def shares(report: Report) -> list[str]:
    """Give a line for each format: how its cases ended."""
    lines = []
    for name in sorted({name for name, _ in report.ends}):
        ends = {end: count for (of, end), count in report.ends.items() if of == name}
        told = ", ".join(f"{end} {count:,}" for end, count in sorted(ends.items(), key=lambda pair: -pair[1]))
        lines.append(f"{name}: {sum(ends.values()):,} files, {ends.get(GOOD, 0):,} with prints ({told})")
    return lines
