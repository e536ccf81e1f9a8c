"""How true estimates of the time left have been in this system."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from shared.costs import SHIPPED_SPREADS, Estimate, Scores, Spread, progress_bin, spread_of
from shared.documents.document import Document

CERTAINTY_ID = "time-left"

_SHORTEST_SECONDS = 0.5
"""Below it the clocks and the pauses between counts are all that is measured."""

_SCORES: TypeAdapter[tuple[Scores, ...]] = TypeAdapter(tuple[Scores, ...])


class Mark(BaseModel):
    """What was told in one bin of progress, to be compared with the end."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    place: int = Field(ge=0)
    at: datetime
    seconds: float
    low: float
    high: float


def marked(marks: Sequence[Mark], share: float, estimate: Estimate, now: datetime) -> tuple[Mark, ...]:
    """The marks with the estimate, if it is a good one and the first in its bin; `share` is that of the cost."""
    place, figures = progress_bin(share), (estimate.seconds, estimate.low, estimate.high)
    is_known = estimate.state != "good" or None in figures or any(mark.place == place for mark in marks)
    if is_known:
        return tuple(marks)
    seconds, low, high = figures
    return (*marks, Mark(place=place, at=now, seconds=seconds, low=low, high=high))


def _readable(scores: Any) -> Any:
    """Begin anew with what cannot be read: it stops no batch."""
    try:
        return _SCORES.validate_python(scores)[: len(SHIPPED_SPREADS)]
    except ValidationError:
        return ()


class Certainty(Document):
    """Scores by bins of progress; of bins that are missing nothing was seen."""

    id: str = CERTAINTY_ID
    version: int = 0
    scores: Annotated[tuple[Scores, ...], BeforeValidator(_readable)] = ()
    learnt_at: datetime | None = None

    def spread(self, share: float) -> Spread:
        """The range around estimates at this share of the cost."""
        return spread_of(self.scores, progress_bin(share))

    def learnt(self, marks: Sequence[Mark], ended_at: datetime, now: datetime) -> Self:
        """This certainty after one more batch, which ended at that time."""
        scores = [*self.scores, *(Scores() for _ in SHIPPED_SPREADS)][: len(SHIPPED_SPREADS)]
        for mark in marks:
            left = (ended_at - mark.at).total_seconds()
            if mark.place >= len(scores) or not (left >= _SHORTEST_SECONDS and mark.seconds >= _SHORTEST_SECONDS):
                continue
            missed = not mark.low <= left <= mark.high
            scores[mark.place] = scores[mark.place].learnt(math.log(left / mark.seconds), missed=missed)
        return self.model_copy(update={"scores": tuple(scores), "learnt_at": now})
