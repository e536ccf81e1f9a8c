"""Batches whose images cost what recorded ones did."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Literal, get_args

from bench.costs.measuring import Measurement, recorded
from shared.costs import CostPredictor, CostProfile, FactTally, ImageFacts
from shared.recipes import BUILT_IN_RECIPES

Order = Literal["small first", "large first", "shuffled"]
ORDERS: tuple[Order, ...] = get_args(Order)

IMAGES = 300
SIZE_SPREAD = 0.25
COST_SPREAD = 0.15
MACHINE_SPREAD = 0.5
"""Standard deviations of logarithms: of sizes around the recorded ones, of costs around what such an image costs, and
of the speeds of machines."""


@dataclass(frozen=True)
class Trace:
    """The images of a batch in their order: what they really cost in milliseconds, and what was predicted of them."""

    costs_ms: Sequence[float]
    profile: CostProfile | None


def trace(order: Order, chance: Random, images: int = IMAGES) -> Trace:
    """Draw a batch of mixed sizes and formats, developed by one recipe on a machine of some speed."""
    recipe = chance.choice(sorted(BUILT_IN_RECIPES))
    machine = math.exp(chance.gauss(0, MACHINE_SPREAD))
    drawn = [_drawn(chance.choice(_recorded_of(recipe)), machine, chance) for _ in range(images)]
    if order != "shuffled":
        drawn.sort(key=lambda image: image[0].size_bytes, reverse=order == "large first")
    tally = FactTally()
    for facts, _ in drawn:
        tally.add(facts)
    return Trace([cost_ms for _, cost_ms in drawn], tally.profile(CostPredictor(BUILT_IN_RECIPES[recipe])))


@cache
def _recorded_of(recipe: str) -> Sequence[Measurement]:
    return [row for row in recorded() if row.recipe == recipe]


def _drawn(row: Measurement, machine: float, chance: Random) -> tuple[ImageFacts, float]:
    scale = math.exp(chance.gauss(0, SIZE_SPREAD))
    noise = math.exp(chance.gauss(0, COST_SPREAD))
    facts = ImageFacts(round(row.size_bytes * scale), row.format, round(row.pixels * scale))
    # Of an image that is twice as large, some parts cost twice as much, and others the same.
    return facts, max(row.cost_ms * scale**0.7 * noise * machine, 1.0)
