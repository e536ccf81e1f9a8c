"""How the predicted cost of a batch is spread over its images, in their order: some hundred sums at most."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.costs.bounds import MIN_COST_MS
from shared.costs.facts import ImageFacts
from shared.costs.prediction import CostPredictor
from shared.image_types import ImageFormat

MAX_CELLS = 128
"""When there are more, neighbours are put together: a cell is then of twice as many images."""


class CostProfile(BaseModel):
    """`sums_ms[i]` is what the first `(i + 1) * cell_images` images cost in milliseconds; the last, what all do."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    images: int = Field(ge=1)
    cell_images: int = Field(ge=1)
    sums_ms: Annotated[tuple[int, ...], Field(min_length=1)]

    @property
    def total_ms(self) -> int:
        return self.sums_ms[-1]

    def first_ms(self, images: int) -> float:
        """What the first so many images cost; inside of a cell each costs the same."""
        if images >= self.images:
            return float(self.total_ms)
        cell, rest = divmod(max(images, 0), self.cell_images)
        before = self.sums_ms[cell - 1] if cell else 0
        size = min(self.cell_images, self.images - cell * self.cell_images)
        return before + (self.sums_ms[cell] - before) * rest / size

    def images_within(self, cost_ms: float) -> int:
        """How many images, from the first on, cost no more than so much together."""
        return bisect_left(range(self.images), True, key=lambda count: self.first_ms(count + 1) > cost_ms)


@dataclass
class _Sums:
    images: int = 0
    size_bytes: int = 0
    pixels: int = 0

    def add(self, other: "_Sums") -> None:
        self.images += other.images
        self.size_bytes += other.size_bytes
        self.pixels += other.pixels

    @property
    def mean(self) -> tuple[int, int]:
        return self.size_bytes // self.images, self.pixels // self.images


_Kind = tuple[ImageFormat | None, bool]
"""A format, and whether the pixels are known."""

_Cell = dict[_Kind, _Sums]


@dataclass
class FactTally:
    """Facts of images in their order, summed up in cells, so that a million of them take no more than a hundred."""

    images: int = 0
    _cell_images: int = 1
    _cells: list[_Cell] = field(default_factory=list)

    def add(self, facts: ImageFacts | None) -> None:
        """Count the next image; None for a file that costs nothing, as nothing decodes it."""
        if self.images == MAX_CELLS * self._cell_images:
            self._cells = [_joined(*self._cells[place : place + 2]) for place in range(0, MAX_CELLS, 2)]
            self._cell_images *= 2
        if self.images % self._cell_images == 0:
            self._cells.append({})
        self.images += 1
        if facts is not None:
            kind = facts.format, facts.pixels is not None
            sums = self._cells[-1].setdefault(kind, _Sums())
            sums.add(_Sums(1, facts.size_bytes, facts.pixels or 0))

    def profile(self, predictor: CostPredictor) -> CostProfile | None:
        """What these images will cost; None if there are none."""
        if not self.images:
            return None
        costs = (_cost_ms(cell, predictor) for cell in self._cells)
        return CostProfile(images=self.images, cell_images=self._cell_images, sums_ms=tuple(accumulate(costs)))


def _joined(first: _Cell, second: Mapping[_Kind, _Sums]) -> _Cell:
    for kind, sums in second.items():
        first.setdefault(kind, _Sums()).add(sums)
    return first


def _cost_ms(cell: Mapping[_Kind, _Sums], predictor: CostPredictor) -> int:
    """Images of one format in a cell are taken for equal; what no image needs still takes a moment."""
    total = MIN_COST_MS
    for (image_format, has_pixels), sums in cell.items():
        size_bytes, pixels = sums.mean
        total += sums.images * predictor.cost_ms(ImageFacts(size_bytes, image_format, pixels if has_pixels else None))
    return total
