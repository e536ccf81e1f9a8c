"""What became of each image in each generation of a batch, told anew from what every retry was of."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.documents import Batch, Chunk


@dataclass(frozen=True)
class Opening:
    """What a generation was opened for: everything unsuccessful if `codes` is None, and the images `indexes`."""

    codes: Collection[str] | None
    indexes: Collection[int]

    @classmethod
    def of(cls, batch: Batch) -> "Opening":
        """What the present generation was opened for."""
        indexes = [int(index) for index, generation in batch.remade.items() if generation == batch.generation]
        return cls(batch.partial.codes if batch.partial else None, indexes)


@dataclass(frozen=True)
class Generation:
    """One generation: the images that it develops, and the result of every image of the batch in it.

    An image that it develops and has no outcome of yet has the result `revoked`, which is what it would end with.
    """

    images: Collection[int]
    results: Mapping[int, str]

    @property
    def carried(self) -> Counter[str]:
        """How many images are left alone with what result."""
        return Counter(result for index, result in self.results.items() if index not in self.images)

    @property
    def counted(self) -> Counter[str]:
        """How many images of the batch have what result."""
        return Counter(self.results.values())


BEFORE_ALL = Generation((), {})


def generations(total_images: int, openings: Sequence[Opening], chunks: Collection[Chunk]) -> list[Generation]:
    """Every generation of a batch, from the first on."""
    found: list[Generation] = []
    before: Mapping[int, str] = dict.fromkeys(range(total_images), "revoked")
    for number, opening in enumerate(openings):
        images = {index for index, result in before.items() if _is_of(opening, index, result)}
        results = {**before, **dict.fromkeys(images, "revoked")}
        for chunk in chunks:
            if chunk.generation == number:
                results.update({int(index): outcome.code or outcome.state for index, outcome in chunk.outcomes.items()})
        found.append(Generation(images, results))
        before = results
    return found


def failed(results: Counter[str]) -> Counter[str]:
    """Those of the counts that are of failures, by code."""
    return Counter({result: images for result, images in results.items() if result not in {"completed", "revoked"}})


def _is_of(opening: Opening, index: int, result: str) -> bool:
    if opening.codes is None:
        return result != "completed" or index in opening.indexes
    return result in opening.codes or index in opening.indexes
