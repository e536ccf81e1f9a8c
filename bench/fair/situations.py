"""The situations in which batches of ten photographs are measured, one after another."""

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.darkroom_client import DarkroomClient
from bench.fair.figures import HIGH, NORMAL, Bar, Measured
from bench.waiting import wait_for
from bench.workloads import CHUNK_SIZE
from shared.documents import Priority

POLL_SECONDS = 0.1
MAX_PAUSE_SECONDS = 0.5
"""Small batches come at moments that have nothing to do with what the large ones do."""

ALONE_SECONDS = 5.0
STARTED_IMAGES = 40
"""So many images of a large batch are completed before it counts as running at full speed."""

START_SECONDS = 120.0
LOAD = 0.5
"""Many small batches together ask for so much of what the machine can do; more would be a queue by itself."""

GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Situations:
    """A running system, the photographs of a small and of a large batch, and how much is measured.

    A situation ends after `trials` small batches or `max_seconds`, with one small batch at least.
    """

    client: DarkroomClient
    small: Sequence[Path]
    large: Sequence[Path]
    trials: int
    max_seconds: float

    def idle(self) -> Measured:
        """Nothing else is done."""
        return Measured("alone", self._one_by_one(lambda: True))

    def beside_large(self, number: int, priority: Priority = "normal") -> Measured:
        """Behind so many large batches of normal priority."""
        bar: Bar | None = {"normal": NORMAL, "high": HIGH, "low": None}[priority]
        name = f"{priority}, behind {number}"
        with self._large(number) as ids:
            alone = self._rate(ids, lambda: time.sleep(ALONE_SECONDS))
            taken: list[float] = []

            def measure() -> None:
                taken.extend(self._one_by_one(lambda: self._completed(ids) < number * len(self.large), priority))

            began = time.monotonic()
            large = self._rate(ids, measure)
            small = len(taken) * len(self.small) / (time.monotonic() - began)
        return Measured(name, taken, bar, large + small, alone)

    def among_small(self, number: int, images_per_second: float) -> Measured:
        """So many small batches that come at any moment, and are all measured."""
        mean_pause = len(self.small) / (LOAD * images_per_second)
        ids = []
        for _, spread in zip(range(number), _spread(), strict=False):
            began = time.monotonic()
            ids.append(self.client.upload(self.small, CHUNK_SIZE))
            # As between calls at an exchange: now and then several come together.
            time.sleep(max(0.0, -math.log(spread) * mean_pause - (time.monotonic() - began)))
        return Measured(f"among {number}, half load", [self._seconds(id_) for id_ in ids], NORMAL)

    def last_of(self, number: int) -> Measured:
        """So many small batches at once, and another: what no order of work can make quick for all of them."""
        ids = [self.client.upload(self.small, CHUNK_SIZE) for _ in range(number)]
        last = self._seconds(self.client.upload(self.small, CHUNK_SIZE))
        for id_ in ids:
            self._seconds(id_)
        return Measured(f"after {number} at once", [last])

    @contextmanager
    def _large(self, number: int) -> Iterator[Sequence[str]]:
        ids = [self.client.upload(self.large, CHUNK_SIZE) for _ in range(number)]
        wait_for("a large batch", lambda: self._is_going(ids), self.client.processes, START_SECONDS)
        yield ids
        for id_ in ids:
            self.client.cancel(id_)

    def _is_going(self, ids: Sequence[str]) -> bool | None:
        return self._completed(ids) >= STARTED_IMAGES or None

    def _completed(self, ids: Sequence[str]) -> int:
        return sum(map(self.client.completed_images, ids))

    def _rate(self, ids: Sequence[str], meanwhile: Callable[[], None]) -> float:
        """Images per second of these batches."""
        began, before = time.monotonic(), self._completed(ids)
        meanwhile()
        return (self._completed(ids) - before) / (time.monotonic() - began)

    def _one_by_one(self, goes_on: Callable[[], bool], priority: Priority = "normal") -> list[float]:
        ends_at = time.monotonic() + self.max_seconds
        taken: list[float] = []
        for _, spread in zip(range(self.trials), _spread(), strict=False):
            if taken and (time.monotonic() > ends_at or not goes_on()):
                break
            time.sleep(spread * MAX_PAUSE_SECONDS)
            taken.append(self._seconds(self.client.upload(self.small, CHUNK_SIZE, priority)))
        return taken

    def _seconds(self, batch_id: str) -> float:
        self.client.wait_until_finished(batch_id, POLL_SECONDS)
        return self.client.processing_seconds(batch_id)


def _spread() -> Iterator[float]:
    """Numbers above 0 and up to 1, spread evenly in no order: the same in each run."""
    return (1 - number * GOLDEN_RATIO % 1 for number in itertools.count())
