"""A range of time in whole steps, for statistics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from services.gateway.answers.errors import ApiError
from services.gateway.answers.statistics_codes import StatisticsCode
from shared.documents import PeriodSeconds

Step = Literal[60, 3600, 86400]
"""Seconds between two points."""

STEPS: tuple[Step, ...] = get_args(Step)

MAX_POINTS = 360
"""Of one answer. So at most 360 documents of each worker are read for it, with steps of a day 24 times its 14 days."""

DEFAULT_SECONDS = 3600
"""The length of a range whose beginning is not given."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SECOND = -719_162 * 86_400
"""The year 1 begins, before which there is no time; a multiple of every step."""

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class StatisticsRange:
    """`points` steps from `first` on, a multiple of `step` seconds since 1970; the last may not be over yet."""

    first: datetime
    points: int
    step: Step

    @property
    def end(self) -> datetime:
        """When the last step ends."""
        return self.first + self.points * self.step * _SECOND

    @property
    def times(self) -> Sequence[datetime]:
        """When each step begins."""
        return [self.first + number * self.step * _SECOND for number in range(self.points)]

    @property
    def period_seconds(self) -> PeriodSeconds:
        """The length of the periods that the steps are made of."""
        return 60 if self.step == 60 else 3600  # noqa: PLR2004 - a minute


def statistics_range(
    since: datetime | None, until: datetime | None, step: Step | None, now: datetime
) -> StatisticsRange:
    """The range between two times (by default the last hour), in the smallest steps that suit unless they are given.

    A time without an offset is UTC, one that has not come yet counts as `now`. Raises `ApiError` for a range that is
    empty, in the future or too long.
    """
    last, present = _second(until or now), _second(now)
    first = min(last, present) - DEFAULT_SECONDS if since is None else _second(since)
    first = max(first, _FIRST_SECOND)
    if first >= last:
        raise ApiError(StatisticsCode.RANGE_EMPTY)
    if first >= present:
        raise ApiError(StatisticsCode.RANGE_IN_FUTURE)
    last = min(last, present)
    choices = STEPS if step is None else (step,)
    for choice in choices:
        begins = first // choice * choice
        # Division of the negative rounds up.
        points = -((begins - last) // choice)
        if points <= MAX_POINTS:
            return StatisticsRange(_EPOCH + begins * _SECOND, points, choice)
    details = {"max_points": MAX_POINTS, "step": choices[-1]}
    raise ApiError(StatisticsCode.RANGE_TOO_LONG, limit=MAX_POINTS, step=choices[-1], details=details)


def _second(moment: datetime) -> int:
    # In whole numbers, as there are times that cannot be moved by an offset or a step.
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _SECOND
