"""The time left of a batch as people are told it: a number of seconds, a range, and what there is to go by."""

import math
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from shared.costs.bounds import bounded

EstimateState = Literal["waiting", "measuring", "good", "paused", "stalled"]

MAX_SECONDS = 1e8
"""Three years; what a pace of next to nothing would give says no more than that."""

FIRST_PROGRESS = 0.02
"""Up to this share of its images that ended, a batch is still being measured."""


class Spread(BaseModel):
    """By how much estimates are off, as logarithms of true to estimated time: the 10th and the 90th percentile."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    low: float
    high: float


WIDE = Spread(low=-0.7, high=0.9)
"""Before there is a pace: from half to some two and a half times."""


class Estimate(BaseModel):
    """The time left when `ended_images` had ended, in seconds; without numbers where there is nothing to go by."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: EstimateState
    ended_images: int
    seconds: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, state: EstimateState, ended_images: int, seconds: float, spread: Spread) -> Self:
        """Seconds with their range, all within bounds, and the range around them."""
        middle = bounded(seconds, 0, MAX_SECONDS)
        low, high = (
            bounded(middle * math.exp(off), 0, MAX_SECONDS) for off in (min(spread.low, 0), max(spread.high, 0))
        )
        return cls(
            state=state, ended_images=ended_images, seconds=round(middle, 1), low=round(low, 1), high=round(high, 1)
        )

    def differs(self, other: Self | None) -> bool:
        """Whether people should hear of this one after the other: of less than a tenth they need not."""
        if other is None or (self.state, self.ended_images) != (other.state, other.ended_images):
            return True
        if self.seconds is None or other.seconds is None:
            return self.seconds is not other.seconds
        return abs(self.seconds - other.seconds) > max(0.1 * other.seconds, 1.0)
