"""What the images of new batches are predicted to cost."""

from dataclasses import dataclass

import structlog

from shared.costs import CostPredictor, CostProfile, FactTally, recipe_key
from shared.errors import TransientError
from shared.ports import CostModels
from shared.recipes import Recipe

log = structlog.get_logger()


@dataclass(frozen=True)
class PredictedCosts:
    """Predicts by what was learnt of the recipe, and by the shipped table where that cannot be read."""

    models: CostModels

    async def profile(self, tally: FactTally, recipe: Recipe) -> CostProfile | None:
        """How the cost of the images that were tallied is spread; None if there are none."""
        return tally.profile(await self._predictor(recipe))

    async def _predictor(self, recipe: Recipe) -> CostPredictor:
        key = recipe_key(recipe)
        try:
            model = await self.models.get(key)
        except TransientError:
            # An upload of gigabytes is not to fail for a figure that the table can give.
            log.warning("cost_model_not_read", recipe_key=key, exc_info=True)
            model = None
        return CostPredictor(recipe) if model is None else model.predictor(recipe)
