"""What images will cost in processor time, and how long it takes until they have ended: pure, without any I/O."""

from shared.costs.bounds import MAX_COST_MS, MIN_COST_MS, bounded_ms
from shared.costs.certainty import SHIPPED_SPREADS, Scores, progress_bin, spread_of
from shared.costs.estimate import WIDE, Estimate, EstimateState, Spread
from shared.costs.facts import ImageFacts
from shared.costs.learning import CostRow
from shared.costs.measured import MeasuredImage, recipe_key
from shared.costs.pace import Pace
from shared.costs.prediction import CostPredictor
from shared.costs.profile import CostProfile, FactTally
from shared.costs.table import TABLE_NUMBER, Parts

__all__ = [
    "MAX_COST_MS",
    "MIN_COST_MS",
    "SHIPPED_SPREADS",
    "TABLE_NUMBER",
    "WIDE",
    "CostPredictor",
    "CostProfile",
    "CostRow",
    "Estimate",
    "EstimateState",
    "FactTally",
    "ImageFacts",
    "MeasuredImage",
    "Pace",
    "Parts",
    "Scores",
    "Spread",
    "bounded_ms",
    "progress_bin",
    "recipe_key",
    "spread_of",
]
