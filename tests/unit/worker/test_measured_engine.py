"""The stages that only a worker's engine knows."""

import pytest

from services.worker.chunks.images import MayBegin
from services.worker.chunks.measured_engine import MeasuredEngine, seconds_by_stage
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.prints import DevelopedImage
from shared.failure_codes import FailureCode
from shared.metrics import Metrics
from shared.metrics.stages import StageSeconds
from shared.recipes import BUILT_IN_RECIPES, Recipe
from tests.fakes import FakeImageEngine, always

RECIPE = BUILT_IN_RECIPES["web"]
TIMINGS = {"decode": 40.0, "readouts": 1.0, "shrink": 5.0, "2:sharpen": 4.0, "7:own": 10.0, "print:web": 20.0,
           "print:thumbnail": 2.0, "animations": 8.0}  # fmt: skip


class TwiceBegun(FakeImageEngine):
    """An engine that loses the first child of each image."""

    async def develop(self, data: bytes, recipe: Recipe, may_begin: MayBegin) -> DevelopedImage:
        """Begin, and begin again."""
        await may_begin()
        return await super().develop(data, recipe, may_begin)


def count(metrics: Metrics, stage: str) -> float:
    """How many times a stage was observed."""
    return metrics.registry.get_sample_value("darkroom_image_stage_seconds_count", {"stage": stage}) or 0.0


def test_the_timings_of_a_child_are_three_stages() -> None:
    """Whatever steps a recipe has, of whoever's making: a step's name is never a label."""
    developed = DevelopedImage(outputs=(), width=1, height=1, format="jpeg", timings_ms=TIMINGS)
    assert seconds_by_stage(developed) == pytest.approx({"decode": 0.04, "steps": 0.02, "encode": 0.03})


async def test_an_image_is_observed_once_in_each_stage() -> None:
    """Also one that lost its child and began twice."""
    metrics = Metrics()
    engine = MeasuredEngine(TwiceBegun(), metrics.of(StageSeconds))
    developed = await engine.develop(b"one", RECIPE, always)
    assert developed.timings_ms == {"decode": 3.6, "colour": 0.2}
    assert {stage: count(metrics, stage) for stage in ("queue", "decode", "steps", "encode")} == {
        "queue": 1,
        "decode": 1,
        "steps": 1,
        "encode": 0,
    }


async def test_a_rejected_image_has_waited_and_nothing_else() -> None:
    """The error passes."""
    metrics, inner = Metrics(), FakeImageEngine()
    inner.instead[b"bad"] = ImageRejected(FailureCode.UNREADABLE)
    engine = MeasuredEngine(inner, metrics.of(StageSeconds))
    with pytest.raises(ImageRejected):
        await engine.develop(b"bad", RECIPE, always)
    assert (count(metrics, "queue"), count(metrics, "decode")) == (1, 0)


async def test_whether_images_can_be_developed_is_the_engines_own_word() -> None:
    """And its check is asked."""
    inner = FakeImageEngine()
    engine = MeasuredEngine(inner, Metrics().of(StageSeconds))
    inner.broken = RuntimeError("no child")
    with pytest.raises(RuntimeError):
        await engine.check()
    assert not engine.is_able
