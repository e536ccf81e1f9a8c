"""What is learnt of images of one format by one recipe: by how much each part costs more or less than in the table.

Least squares over relative errors, with forgetting, drawn towards the table on a machine of the speed that was seen, as
if some images had confirmed it. The sums are kept, not a covariance: parts that images do not tell apart keep their
proportions instead of drifting, and nothing grows without bound.
"""

import math
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.costs.bounds import bounded
from shared.costs.least_squares import nonnegative_solution
from shared.costs.table import Parts

FORGETTING = 0.999
"""Of each image before, with each further one: the last thousand count."""

CONFIRMED = 4.0
"""So many images are supposed to have confirmed how the table splits costs into parts."""

SPEED_CONFIRMED = 3.0
"""So many are supposed to have confirmed the costs themselves."""

MAX_SURPRISE = 5.0
"""An image counts as so many times dearer or cheaper than expected at most, so that one cannot turn everything over."""

_LEAST_SHARE = 0.001
_MAX_FACTOR = 1000.0

_PARTS = len(Parts._fields)
_NONE = (0.0,) * _PARTS

_Number = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
_Numbers = Annotated[tuple[_Number, ...], Field(min_length=_PARTS, max_length=_PARTS)]


class CostRow(BaseModel):
    """The learnt factors, and the sums that they come from: squares and products of the parts' shares, and costs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    factors: _Numbers = (1.0,) * _PARTS
    products: Annotated[tuple[_Numbers, ...], Field(min_length=_PARTS, max_length=_PARTS)] = (_NONE,) * _PARTS
    costs: _Numbers = _NONE
    images: int = Field(default=0, ge=0)

    def cost_ms(self, parts: Parts) -> float:
        """What an image with these parts is expected to cost."""
        return sum(factor * part for factor, part in zip(self.factors, parts, strict=True))

    def learnt(self, parts: Parts, cost_ms: float) -> Self:
        """This row after one more image; itself for a cost that says nothing: none, or no number."""
        by_table = sum(parts)
        if not (math.isfinite(cost_ms) and cost_ms > 0 and math.isfinite(by_table) and by_table > 0):
            return self
        shares = [part / by_table for part in parts]
        expected = max(self.cost_ms(parts) / by_table, _LEAST_SHARE)
        ratio = bounded(cost_ms / by_table, expected / MAX_SURPRISE, expected * MAX_SURPRISE)
        products = tuple(
            tuple(FORGETTING * known + mine * other for known, other in zip(row, shares, strict=True))
            for row, mine in zip(self.products, shares, strict=True)
        )
        costs = tuple(FORGETTING * known + share * ratio for known, share in zip(self.costs, shares, strict=True))
        learnt = {"factors": _factors(products, costs), "products": products, "costs": costs, "images": self.images + 1}
        return self.model_copy(update=learnt)


def _factors(products: tuple[tuple[float, ...], ...], costs: tuple[float, ...]) -> tuple[float, ...]:
    # Shares add up to 1, so these are the sum of all ratios, and the number of images as far as they count.
    speed = (sum(costs) + SPEED_CONFIRMED) / (sum(map(sum, products)) + SPEED_CONFIRMED)
    matrix = [
        [value + CONFIRMED * (row == column) for column, value in enumerate(line)] for row, line in enumerate(products)
    ]
    solution = nonnegative_solution(matrix, [cost + CONFIRMED * speed for cost in costs])
    return tuple(bounded(factor, 0.0, _MAX_FACTOR) for factor in solution)
