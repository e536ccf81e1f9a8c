"""An image engine that knows what is wrong with the images of a simulated run."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping

from services.worker.chunks.images import MayBegin
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.prints import DevelopedImage, EncodedPrint
from shared.errors import StorageUnavailableError
from shared.failure_codes import FailureCode
from shared.recipes import Recipe
from tests.simulation.lives import Life
from tests.simulation.plans import PlannedBatch, plan_of, upload_of
from tests.simulation.work import Work

QUICK_SECONDS = 1.0
SLOW_SECONDS = 10.0
"""Longest that an image takes; a slow one is still in development when its batch could have ended."""

SLOW_EVERY = 6


class SimulatedEngine:
    """An `ImageEngine` for one worker's life. How often a flaky image has failed is shared between workers."""

    def __init__(
        self,
        life: Life,
        plans: Mapping[str, PlannedBatch],
        rng: random.Random,
        work: Work,
        failures: Counter[bytes],
        children: int,
    ) -> None:
        self._life = life
        self._plans = plans
        self._rng = rng
        self._work = work
        self._failures = failures
        self._children = asyncio.Semaphore(children)

    is_able = True

    async def check(self) -> None:
        """Nothing but the life itself can fail."""

    async def develop(self, data: bytes, recipe: Recipe, may_begin: MayBegin) -> DevelopedImage:
        """Take a while; then prints whose bytes say where they come from, or what the image's kind asks for.

        As many at a time as there are children: the next waits, while its batch may change.
        """
        upload, index = upload_of(data)
        longest = SLOW_SECONDS if index % SLOW_EVERY == SLOW_EVERY - 1 else QUICK_SECONDS
        async with self._children:
            await may_begin()
            with self._work.at(self._life, upload, index):
                await asyncio.sleep(self._rng.random() ** 2 * longest)
                await self._life.thawed()
                return self._developed(data, index, recipe)

    def _developed(self, data: bytes, index: int, recipe: Recipe) -> DevelopedImage:
        upload, _ = upload_of(data)
        plan = self._plans[plan_of(upload)]
        kind = plan.images[index]
        if kind == "killer":
            self._life.crash("is ended by an image", by=(upload, index))
            raise asyncio.CancelledError
        if plan.code(index, recipe) == "unreadable":
            raise ImageRejected(FailureCode.UNREADABLE, "not an image")
        if kind == "hopeless" or (kind == "flaky" and self._failures[data] < 2):
            self._failures[data] += 1
            self._work.failed_for_now(self._life, upload, index)
            raise StorageUnavailableError("this image fails for now")
        return DevelopedImage(prints_of(data, recipe), 40, 30, "jpeg", {}, cpu_ms=7)


def prints_of(original: bytes, recipe: Recipe) -> tuple[EncodedPrint, ...]:
    """What developing an original gives."""
    return tuple(
        EncodedPrint(output.name, "jpg", "image/jpeg", 4, 3, f"{recipe.name} {output.name} of ".encode() + original)
        for output in recipe.outputs
    )
