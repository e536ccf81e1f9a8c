"""The stages of an image that only its engine knows."""

import time
from dataclasses import dataclass

from services.worker.chunks.images import ImageEngine, MayBegin
from services.worker.imaging.prints import DevelopedImage
from shared.metrics.stages import Stage, StageSeconds
from shared.recipes import Recipe


@dataclass(frozen=True)
class MeasuredEngine:
    """An `ImageEngine` whose stages are observed."""

    engine: ImageEngine
    stages: StageSeconds

    async def develop(self, data: bytes, recipe: Recipe, may_begin: MayBegin) -> DevelopedImage:
        asked = time.perf_counter()
        waiting = True

        async def begin() -> None:
            nonlocal waiting
            await may_begin()
            if waiting:  # an image that has lost its child begins twice
                self.stages.observe("queue", time.perf_counter() - asked)
                waiting = False

        developed = await self.engine.develop(data, recipe, begin)
        for stage, seconds in seconds_by_stage(developed).items():
            self.stages.observe(stage, seconds)
        return developed

    @property
    def is_able(self) -> bool:
        return self.engine.is_able

    async def check(self) -> None:
        await self.engine.check()


def seconds_by_stage(developed: DevelopedImage) -> dict[Stage, float]:
    """What the child took for decoding, for all steps and for all prints together."""
    seconds: dict[Stage, float] = {}
    for timing, milliseconds in developed.timings_ms.items():
        stage = _stage(timing)
        seconds[stage] = seconds.get(stage, 0.0) + milliseconds / 1000
    return seconds


def _stage(timing: str) -> Stage:
    if timing == "decode":
        return "decode"
    return "encode" if timing == "animations" or timing.startswith("print:") else "steps"
