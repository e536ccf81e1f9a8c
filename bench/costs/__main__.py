"""`python -m bench.costs`: how far the shipped table of costs is from what images cost on this machine."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.costs.measuring import RECORDED, Measurement, measured, recorded
from bench.photographs import twelve_megapixel_photographs
from shared.costs import CostPredictor
from shared.recipes import BUILT_IN_RECIPES

FOLDER = Path("var/bench/photographs").resolve()


def main(
    photographs: Annotated[int, typer.Option(help="How many photographs are measured.", min=1)] = 2,
    *,
    again: Annotated[bool, typer.Option(help="Measure anew instead of reading the recording.")] = False,
    record: Annotated[bool, typer.Option(help="Keep what was measured as the recording.")] = False,
) -> None:
    """Compare measured with predicted costs, by recipe and format: the median of their ratio, lowest and highest."""
    found: Sequence[Measurement] = recorded() if not again else list(measured(_some(photographs)))
    if record:
        RECORDED.write_text("[\n" + ",\n".join(json.dumps(row) for row in found) + "\n]\n")
    ratios: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for row in found:
        predicted = CostPredictor(BUILT_IN_RECIPES[row.recipe]).cost_ms(row.facts)
        ratios[row.recipe, row.format].append(row.cost_ms / predicted)
    table = Table("recipe", "format", "median", "lowest", "highest", title="measured / predicted")
    for (recipe, image_format), seen in ratios.items():
        table.add_row(recipe, image_format, *(f"{ratio:.2f}" for ratio in (median(seen), min(seen), max(seen))))
    Console().print(table)
    every = [ratio for seen in ratios.values() for ratio in seen]
    within = sum(0.5 <= ratio <= 2 for ratio in every) / len(every)
    print(f"{len(every)} measurements, {within:.1%} within a factor of two")


def _some(count: int) -> Sequence[Path]:
    found = twelve_megapixel_photographs(FOLDER)
    return found[:: max(len(found) // count, 1)][:count]


if __name__ == "__main__":
    typer.run(main)
