"""Batches whose images cost what recorded ones did."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random
from typing import Literal, get_args

from bench.costs.measuring import Measurement, recorded
from shared.costs import CostProfile, FactTally, ImageFacts, MeasuredImage
from shared.documents import CostModel
from shared.recipes import BUILT_IN_RECIPES, Recipe

Order = Literal["small first", "large first", "shuffled"]
ORDERS: tuple[Order, ...] = get_args(Order)

Models = Mapping[str, CostModel]
"""What was learnt so far, by the recipes' names."""

UNLEARNT: Models = {}
LESSON = 100
IMAGES = 300
SIZE_SPREAD = 0.25
COST_SPREAD = 0.15
MACHINE_SPREAD = 0.5
"""Standard deviations of logarithms: of sizes around the recorded ones, of costs around what such an image costs, and
of the speeds of machines."""


@dataclass(frozen=True)
class Trace:
    """The images of a batch in their order: what they really cost in milliseconds, and what was predicted of them."""

    recipe: Recipe
    images: Sequence[MeasuredImage]
    profile: CostProfile | None

    @property
    def costs_ms(self) -> Sequence[float]:
        """What each image costs."""
        return [image.cost_ms for image in self.images]


def trace(order: Order, chance: Random, images: int = IMAGES, models: Models = UNLEARNT) -> Trace:
    """Draw a batch of mixed sizes and formats, developed by one recipe on a machine of some speed."""
    recipe = chance.choice(sorted(BUILT_IN_RECIPES))
    machine = math.exp(chance.gauss(0, MACHINE_SPREAD))
    drawn = [_drawn(chance.choice(_recorded_of(recipe)), machine, chance) for _ in range(images)]
    if order != "shuffled":
        drawn.sort(key=lambda image: image.facts.size_bytes, reverse=order == "large first")
    tally = FactTally()
    for facts, _ in drawn:
        tally.add(facts)
    built_in = BUILT_IN_RECIPES[recipe]
    return Trace(built_in, drawn, tally.profile(models.get(recipe, CostModel(id=recipe)).predictor(built_in)))


def learnt(models: Models, trace: Trace, now: datetime) -> Models:
    """Learn from the images of a batch that has ended, as many as trackers do."""
    recipe = trace.recipe
    model = models.get(recipe.name, CostModel(id=recipe.name))
    return {**models, recipe.name: model.learnt(recipe, trace.images[:: len(trace.images) // LESSON + 1], now)}


@cache
def _recorded_of(recipe: str) -> Sequence[Measurement]:
    return [row for row in recorded() if row.recipe == recipe]


def _drawn(row: Measurement, machine: float, chance: Random) -> MeasuredImage:
    scale = math.exp(chance.gauss(0, SIZE_SPREAD))
    noise = math.exp(chance.gauss(0, COST_SPREAD))
    facts = ImageFacts(round(row.size_bytes * scale), row.format, round(row.pixels * scale))
    # Of an image that is twice as large, some parts cost twice as much, and others the same.
    return MeasuredImage(facts, max(round(row.cost_ms * scale**0.7 * noise * machine), 1))
