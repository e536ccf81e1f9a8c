"""The JSON of statistics, field by field."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from services.gateway.answers.envelope import Body, Instant
from services.gateway.batches.statistics import FoundStatistics
from shared.documents import FactSums, WorkSums, percentile_ms

MAX_RECIPES = 50


class StatisticsPoint(Body):
    """What all workers did in one step; what they did twice counts twice."""

    at: Instant
    """When the step begins."""

    developed: int = Field(examples=[1200])
    failed: int = Field(examples=[3])

    bytes_in: int = Field(examples=[4_100_000_000])
    """Of the originals of the developed images."""

    bytes_out: int = Field(examples=[610_000_000])
    """Of the prints of the developed images."""

    p50_ms: int | None = Field(examples=[85])
    """Half of the images were developed in at most so many milliseconds; null if none was.

    Durations are counted in classes of which each reaches twice as far as the one before: it is off by less than a
    factor of 2, mostly by much less. Above 65,536 it says 65,536."""

    p95_ms: int | None = Field(examples=[240])
    """The same for 95 % of the images."""

    busy_share: float | None = Field(examples=[0.83])
    """Share of their time, 0 to 1, in which the workers' slots were developing; null if no worker was there."""

    @classmethod
    def of(cls, at: datetime, sums: WorkSums | None) -> "StatisticsPoint":
        sums = sums or WorkSums(at=at)
        busy = min(1.0, sums.busy_ms / sums.capacity_ms) if sums.capacity_ms else None
        return cls(
            **sums.model_dump(include={"at", "developed", "failed", "bytes_in", "bytes_out"}),
            p50_ms=percentile_ms(sums.durations, 0.5),
            p95_ms=percentile_ms(sums.durations, 0.95),
            busy_share=None if busy is None else round(busy, 4),
        )


class FinishedImages(Body):
    """Images of batches that ended, each counted once in each generation that it was in."""

    completed_images: int = Field(examples=[41_200])
    failed_images: int = Field(examples=[212])
    revoked_images: int = Field(examples=[0])


class RecipeStatistics(FinishedImages):
    """What ended by one recipe."""

    batches: int = Field(examples=[40])

    @classmethod
    def of(cls, sums: Sequence[FactSums]) -> "RecipeStatistics":
        """The sums over ends of every kind."""
        return cls(**{name: sum(getattr(some, name) for some in sums) for name in cls.model_fields})


class BatchStatistics(FinishedImages):
    """Batches that ended; a retry ends as a batch of its own."""

    finished: int = Field(examples=[42])
    succeeded: int = Field(examples=[39])
    failed: int = Field(examples=[2])
    revoked: int = Field(examples=[1])

    mean_wait_seconds: float | None = Field(examples=[1.2])
    """From the end of an upload until its first image could be begun; null if no first generation ended."""

    mean_run_seconds: float | None = Field(examples=[51.8])
    """From there to the end."""

    @classmethod
    def of(cls, sums: Sequence[FactSums]) -> "BatchStatistics":
        timed = sum(some.timed_batches for some in sums)
        return cls(
            **{name: sum(getattr(some, name) for some in sums) for name in FinishedImages.model_fields},
            finished=sum(some.batches for some in sums),
            succeeded=sum(some.batches for some in sums if some.status == "SUCCESS"),
            failed=sum(some.batches for some in sums if some.status == "FAILURE"),
            revoked=sum(some.batches for some in sums if some.status == "REVOKED"),
            mean_wait_seconds=_mean_seconds(sum(some.wait_ms for some in sums), timed),
            mean_run_seconds=_mean_seconds(sum(some.run_ms for some in sums), timed),
        )


class StatisticsAnswer(Body):
    """The load of the whole system over a range of time. What became of a batch is in the batch itself."""

    step: int = Field(examples=[60])
    """Seconds from one point to the next."""

    points: tuple[StatisticsPoint, ...]
    """One for each step, in the order of time; the last may not be over yet."""

    failures_by_code: dict[str, int] = Field(examples=[{"unreadable": 180}])
    """Images that failed, by reason; the sum of the points' `failed`."""

    by_recipe: dict[str, RecipeStatistics]
    """What ended in this range, by the recipe's name: the 50 recipes with the most images."""

    batches: BatchStatistics
    """What ended in this range."""

    @classmethod
    def of(cls, found: FoundStatistics) -> "StatisticsAnswer":
        return cls(
            step=found.range.step,
            points=tuple(StatisticsPoint.of(at, found.work.get(at)) for at in found.range.times),
            failures_by_code=dict(found.failures_by_code),
            by_recipe=_by_recipe(found.finished),
            batches=BatchStatistics.of(found.finished),
        )


def _by_recipe(finished: Sequence[FactSums]) -> dict[str, RecipeStatistics]:
    by_name: defaultdict[str, list[FactSums]] = defaultdict(list)
    for sums in finished:
        by_name[sums.recipe].append(sums)
    found = {name: RecipeStatistics.of(sums) for name, sums in by_name.items()}
    images = {name: one.completed_images + one.failed_images + one.revoked_images for name, one in found.items()}
    return {name: found[name] for name in sorted(found, key=lambda name: -images[name])[:MAX_RECIPES]}


def _mean_seconds(milliseconds: int, batches: int) -> float | None:
    return round(milliseconds / batches / 1000, 3) if batches else None
