"""What images will cost by one recipe, as far as is known."""

from collections.abc import Mapping

from shared.costs.bounds import bounded_ms
from shared.costs.facts import ImageFacts
from shared.costs.learning import CostRow
from shared.costs.table import Parts, RecipeWork
from shared.recipes import Recipe

UNLEARNT = CostRow()


class CostPredictor:
    """Predicts by the shipped table, and by what was learnt of the recipe: a row for each format."""

    def __init__(self, recipe: Recipe, rows: Mapping[str, CostRow] | None = None) -> None:
        self._work = RecipeWork.of(recipe)
        self._rows = rows or {}

    def cost_ms(self, facts: ImageFacts) -> int:
        """Milliseconds of processor time, at least 1 and at most ten minutes, whatever the facts say."""
        return bounded_ms(self._rows.get(facts.supposed_format, UNLEARNT).cost_ms(self.parts(facts)))

    def parts(self, facts: ImageFacts) -> Parts:
        """The cost by the shipped table, part by part."""
        return self._work.parts(facts)
