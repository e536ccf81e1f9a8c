"""How far estimates of the time left were off, and the range that follows from it: split conformal, adapted online."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.costs.bounds import bounded
from shared.costs.estimate import Spread

EDGES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
"""Estimates are judged apart by the share of the cost that had ended: early ones are worse."""

SHIPPED_SPREADS = tuple(
    Spread(low=low, high=high)
    for low, high in (
        (-0.5, 0.6),
        (-0.35, 0.4),
        (-0.25, 0.3),
        (-0.2, 0.25),
        (-0.17, 0.2),
        (-0.17, 0.2),
        (-0.2, 0.25),
        (-0.4, 0.5),
    )
)
"""What `make bench-eta` showed, for systems that have not seen enough batches end."""

MISSES = 0.2
"""The share of cases in which the time may lie outside of the range."""

STEP = 0.02
MISSES_BOUNDS = 0.02, 0.5
ENOUGH = 30
KEPT = 200
_MAX_OFF = 5.0


def progress_bin(share: float) -> int:
    """Which estimates one at this share of the cost is judged with."""
    return bisect_right(EDGES, share)


class Scores(BaseModel):
    """Logarithms of true to estimated times in one bin, the oldest first, and the share of misses that is aimed at."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    offs: Annotated[tuple[float, ...], Field(max_length=KEPT)] = ()
    misses: float = MISSES

    def learnt(self, off: float, *, missed: bool) -> Self:
        """These scores after one more batch.

        Ranges become wider after a miss and a little narrower after each hit, so that in the long run they miss as
        often as they may, whatever changes (Gibbs and Candes, 2021).
        """
        aimed = bounded(self.misses + STEP * (MISSES - missed), *MISSES_BOUNDS)
        offs = (*self.offs, bounded(off, -_MAX_OFF, _MAX_OFF))[-KEPT:]
        return self.model_copy(update={"offs": offs, "misses": aimed})

    def spread(self) -> Spread | None:
        """The range by what was seen; None before that is enough."""
        count = len(self.offs)
        if count < ENOUGH:
            return None
        ranked = sorted(self.offs)
        low = math.floor((count + 1) * self.misses / 2)
        high = math.ceil((count + 1) * (1 - self.misses / 2))
        return Spread(low=ranked[max(low, 1) - 1], high=ranked[min(high, count) - 1])


def spread_of(scores: Sequence[Scores], place: int) -> Spread:
    """The range in a bin: learnt or shipped."""
    return (scores[place].spread() if place < len(scores) else None) or SHIPPED_SPREADS[place]
