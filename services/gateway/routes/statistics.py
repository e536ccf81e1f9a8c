"""Statistics over HTTP: load and ends over time."""

import re
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BeforeValidator

from services.gateway.answers.envelope import Envelope
from services.gateway.answers.statistics_codes import StatisticsCode
from services.gateway.batches.statistics_range import STEPS, Step, statistics_range
from services.gateway.routes.dependencies import ClockDep, StatisticsDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from services.gateway.routes.statistics_schemas import StatisticsAnswer

router = DocumentedRouter(prefix="/pipeline/stats", tags=["system"])

_STEPS: dict[str, Step | None] = {"auto": None, **{str(step): step for step in STEPS}}


def _date_first(text: object) -> object:
    # A bare number would be read as seconds since 1970: with a step or a count in its place, as an hour of that year.
    if isinstance(text, str) and not re.match(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("has to be a time in ISO 8601, such as 2026-01-02T03:04:05Z")
    return text


Moment = Annotated[datetime, BeforeValidator(_date_first)]


@router.get("", summary="Load and ends over time / 기간별 통계")
@raises(StatisticsCode.RANGE_EMPTY, StatisticsCode.RANGE_IN_FUTURE, StatisticsCode.RANGE_TOO_LONG)
async def show_statistics(
    statistics: StatisticsDep,
    clock: ClockDep,
    since: Annotated[
        Moment | None, Query(alias="from", description="ISO 8601; an hour before `to` if absent, UTC without offset.")
    ] = None,
    until: Annotated[Moment | None, Query(alias="to", description="ISO 8601; now if absent or later.")] = None,
    step: Annotated[
        Literal["auto", "60", "3600", "86400"],
        Query(description="Seconds between two points; `auto` takes the smallest that give at most 360 points."),
    ] = "auto",
) -> Envelope[StatisticsAnswer]:
    """What the workers did in each minute, hour or day of a range, and which batches ended in it.

    Workers write their figures every two seconds, and an answer may be half a minute old. Work is kept for 14 days,
    ends of batches for 400, also those of batches that are deleted. Work that was done twice, because a worker was
    lost, counts twice. The range begins and ends at whole steps, counted in UTC.
    """
    found = await statistics.read(statistics_range(since, until, _STEPS[step], clock()))
    return Envelope(data=StatisticsAnswer.of(found))
