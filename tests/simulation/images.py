"""The batches of a simulated run, what is wrong with their images, and an engine that knows it."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.prints import DevelopedImage, Print
from shared.documents import PRIORITIES, Priority, chunk_id
from shared.errors import StorageUnavailableError
from shared.recipes import Recipe
from tests.simulation.ledger import Ledger

Kind = Literal["good", "rejected", "missing", "flaky", "hopeless"]
KINDS: tuple[Kind, ...] = ("rejected", "missing", "flaky", "hopeless")

EXPECTED_CODES: dict[Kind, str] = {
    "rejected": "unreadable",
    "missing": "original_missing",
    "hopeless": "storage_unavailable",
}
"""Kinds of images that never complete, with the code under which they fail."""


@dataclass(frozen=True)
class PlannedBatch:
    """A batch that a client will upload at a moment, in seconds."""

    id: str
    at: float
    chunk_size: int
    priority: Priority
    images: tuple[Kind, ...]

    @classmethod
    def drawn(cls, rng: random.Random, number: int) -> "PlannedBatch":
        """Draw a batch; half of all have only good images."""
        troubled = rng.choice((0.0, 0.4))
        kinds: list[Kind] = [rng.choice(KINDS) if rng.random() < troubled else "good" for _ in range(rng.randint(1, 8))]
        return cls(f"b{number}", rng.random() * 3, rng.randint(1, 5), rng.choice(PRIORITIES), tuple(kinds))

    @property
    def chunks(self) -> int:
        """How many chunks it is cut into."""
        return -(-len(self.images) // self.chunk_size)

    def chunk_of(self, index: int) -> str:
        """The id of the chunk with this image."""
        return chunk_id(self.id, index // self.chunk_size)

    def original(self, index: int) -> bytes:
        """The bytes that a client uploads for this image."""
        return f"{self.id}/{index}".encode()


class SimulatedEngine:
    """An `ImageEngine` for one worker. How often a flaky image has failed is shared between workers."""

    def __init__(
        self, batches: Sequence[PlannedBatch], rng: random.Random, ledger: Ledger, failures: Counter[bytes]
    ) -> None:
        self._batches = {batch.id: batch for batch in batches}
        self._rng = rng
        self._ledger = ledger
        self._failures = failures

    async def develop(self, data: bytes, recipe: Recipe) -> DevelopedImage:
        """Take up to a second; then prints whose bytes say where they come from, or what the image's kind asks for."""
        await asyncio.sleep(self._rng.random() ** 2)
        batch_id, _, index = data.decode().partition("/")
        batch = self._batches[batch_id]
        kind = batch.images[int(index)]
        if kind == "rejected":
            raise ImageRejected("unreadable", "not an image")
        if kind == "hopeless" or (kind == "flaky" and self._failures[data] < 2):
            self._failures[data] += 1
            self._ledger.failed(batch.chunk_of(int(index)))
            raise StorageUnavailableError("this image fails for now")
        return DevelopedImage(prints_of(data, recipe), 40, 30, "jpeg", {})


def prints_of(original: bytes, recipe: Recipe) -> tuple[Print, ...]:
    """What developing an original gives."""
    return tuple(
        Print(output.name, "jpg", "image/jpeg", 4, 3, output.name.encode() + b" of " + original)
        for output in recipe.outputs
    )
