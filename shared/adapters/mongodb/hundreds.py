"""How the chunks of some images are found: by the hundreds in which their indexes lie, 0 for those below 100.

An index of the images themselves would have a key for each of them; a chunk of ten has one key here, or two.
"""

from collections.abc import Iterable, Sequence

from shared.adapters.mongodb.driver import Fields, Index

INDEX = Index(keys=[("batch_id", 1), ("hundreds", 1)])


def hundreds_of(indexes: Iterable[int]) -> Sequence[int]:
    """The hundreds in which these images lie."""
    return sorted({index // 100 for index in indexes})


def overlapping(batch_id: str, first: int, count: int) -> Fields:
    """The query for the chunks that hold an image of this range."""
    # Null is found in chunks that an earlier version recorded.
    possible = [None, *hundreds_of(range(first, first + count))]
    images = {"$elemMatch": {"$gte": first, "$lt": first + count}}
    return {"batch_id": batch_id, "hundreds": {"$in": possible}, "indexes": images}
