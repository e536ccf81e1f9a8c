"""What the contenders are given to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Literal, Self

from shared.recipes import BUILT_IN_RECIPES, Recipe

WorkloadName = Literal["photographs", "no-op"]

CHUNK_SIZE = 10
"""Images in one message, as in the original system."""

RECIPE: Recipe = BUILT_IN_RECIPES["web"]
"""What every contender makes of a photograph: two JPEGs, of at most 1600 and 320 pixels."""


@dataclass(frozen=True)
class Workload:
    """Originals to be handled once each; a path may occur several times.

    `warm_up` is handled before the measurement begins, so that every process has done everything once.
    """

    name: WorkloadName
    originals: tuple[Path, ...]
    warm_up: tuple[Path, ...]

    @classmethod
    def of(cls, name: WorkloadName, files: Sequence[Path], images: int, warm_up_images: int) -> Self:
        """So many images of the given files, taken in turn."""
        return cls(name, tuple(islice(cycle(files), images)), tuple(islice(cycle(files), warm_up_images)))

    @property
    def develops(self) -> bool:
        """Whether pixels are touched; otherwise an image is read and nothing is made of it."""
        return self.name == "photographs"
