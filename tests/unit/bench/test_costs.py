"""The shipped table beside what images were measured to cost."""

from functools import partial
from random import Random
from statistics import median

from bench.costs.measuring import FORMATS, recorded
from bench.eta.system import System
from bench.eta.traces import trace
from shared.costs import CostPredictor
from shared.documents import Batch
from shared.recipes import BUILT_IN_RECIPES


def test_the_first_image_of_a_new_system_is_predicted_within_a_factor_of_two() -> None:
    """By every built-in recipe, of every format; of single measurements, nineteen in twenty."""
    ratios = {
        (row.recipe, row.format, row.pixels): row.cost_ms
        / CostPredictor(BUILT_IN_RECIPES[row.recipe]).cost_ms(row.facts)
        for row in recorded()
    }
    assert {(recipe, name) for recipe, name, _ in ratios} == {(r, f) for r in BUILT_IN_RECIPES for f in FORMATS}
    for recipe in BUILT_IN_RECIPES:
        for name in FORMATS:
            assert 0.5 <= median(ratio for key, ratio in ratios.items() if key[:2] == (recipe, name)) <= 2
    assert sum(0.5 <= ratio <= 2 for ratio in ratios.values()) >= 0.95 * len(ratios)


def _append(seen: list[tuple[float, Batch]], now: float, batch: Batch) -> None:
    seen.append((now, batch))


def test_a_batch_in_virtual_time_ends_with_every_image() -> None:
    """The same way each time, also when workers come and go."""
    ends: list[float] = []
    for _ in range(2):
        system = System()
        seen: list[tuple[float, Batch]] = []
        system.join(2)
        system.submit("b", trace("shuffled", Random(7), images=40), partial(_append, seen))
        system.at(1, partial(system.join, 2))
        system.at(2, system.leave)
        system.run()
        assert (seen[-1][1].status, seen[-1][1].completed_images) == ("SUCCESS", 40)
        ends.append(seen[-1][0])
    assert ends[0] == ends[1]
