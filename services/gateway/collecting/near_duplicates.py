"""Which images of a batch look alike, by the perceptual hashes that its recipe asked for."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.collecting.image_pages import Images, ListedImage
from services.gateway.edge.concurrency_limit import ConcurrencyLimit
from shared.documents import Batch

MAX_LOOKED_AT = 10_000
"""Images compared with each other in one answer: some megabytes, and a second at the very most."""

MAX_BITS = 7
"""Of 64 that may differ. Eight bytes cannot all differ then, so only images that share one are compared."""

MAX_WAIT_SECONDS = 60.0
"""Longest that a request waits for those before it."""

MAX_KEPT = 16
"""Answers kept, each of some hundred kilobytes at most."""

_MAX_COMPARISONS = 2_000_000

_READ_AT_ONCE = 200
"""Images read between two turns of everything else in the process."""

_HASH_BYTES = 8

_SAYS_NOTHING = 0
"""The hash of an image that grows darker nowhere to the right: a white page, a black frame, a sky at dusk."""


@dataclass(frozen=True)
class Alike:
    """Groups of image indexes, each in order; `hashed` images were compared, and the next are from `next_first` on.

    `complete` is false when so many hashes were nearly the same that not all could be compared.
    """

    groups: Sequence[Sequence[int]]
    hashed: int
    next_first: int | None
    complete: bool


class NearDuplicateSearch:
    """Compares images, for one request at a time; what was found is kept as long as the batch does not move."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self._limit = ConcurrencyLimit(1, MAX_WAIT_SECONDS, BatchCode.TOO_MANY_COMPARISONS)
        self._found: dict[tuple[str, int, int, int], Alike] = {}

    async def find(self, batch: Batch, first: int, bits: int) -> Alike:
        """Compare up to 10,000 images from index `first` on; those of further pages are not compared with these.

        Raises `ApiError` when others are compared for too long.
        """
        key = batch.id, batch.version, first, bits
        if (found := self._found.get(key)) is not None:
            return found
        async with self._limit.enter():
            # The request before this one may have asked for the same.
            found = self._found.get(key) or await self._compare(batch, first, bits)
        # By the batch's version, so that an answer is never stale, only useless once the batch moves.
        self._found[key] = found
        if len(self._found) > MAX_KEPT:
            del self._found[next(iter(self._found))]
        return found

    async def _compare(self, batch: Batch, first: int, bits: int) -> Alike:
        hashes: dict[int, int] = {}
        at: int | None = first
        while at is not None and at < first + MAX_LOOKED_AT:
            page = await self._images.page(batch, at, _READ_AT_ONCE)
            hashes |= dict(_hashed(page.images))
            at = page.next_first
        # In a thread, as ten thousand hashes take most of a second, and streams of progress must go on.
        groups, complete = await asyncio.to_thread(alike, hashes, bits)
        return Alike(groups, len(hashes), at, complete)


def _hashed(images: Sequence[ListedImage]) -> Iterator[tuple[int, int]]:
    """Give index and hash of those that have one which says something: flat images are not alike for being flat."""
    for image in images:
        original = image.outcome.original if image.outcome else None
        if original is not None and original.readings is not None and original.readings.dhash64 is not None:
            value = int(original.readings.dhash64, 16)
            if value != _SAYS_NOTHING:
                yield image.entry.index, value


def alike(hashes: Mapping[int, int], bits: int) -> tuple[list[list[int]], bool]:
    """Group indexes whose hashes differ in at most so many bits (7 at most), directly or by way of others.

    Also tells whether all that may be alike were compared.
    """
    # Copies share one entry, so a thousand of the same image cost no comparisons.
    by_hash = defaultdict[int, list[int]](list)
    for index, value in sorted(hashes.items()):
        by_hash[value].append(index)
    leaders = {value: value for value in by_hash}
    comparisons = 0
    for one, other in _candidates(list(by_hash)):
        comparisons += 1
        if comparisons > _MAX_COMPARISONS:
            break
        if (one ^ other).bit_count() <= bits:
            leaders[_leader(leaders, one)] = _leader(leaders, other)
    groups = defaultdict[int, list[int]](list)
    for value, indexes in by_hash.items():
        groups[_leader(leaders, value)] += indexes
    found = sorted(sorted(group) for group in groups.values() if len(group) > 1)
    return found, comparisons <= _MAX_COMPARISONS


def _candidates(values: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give all pairs that share a byte in the same place, some of them more than once."""
    for place in range(_HASH_BYTES):
        sharing = defaultdict[int, list[int]](list)
        for value in values:
            neighbours = sharing[value >> (8 * place) & 0xFF]
            for neighbour in neighbours:
                yield value, neighbour
            neighbours.append(value)


def _leader(leaders: dict[int, int], value: int) -> int:
    """Give the value that stands for its group, and shorten the way to it."""
    while leaders[value] != value:
        leaders[value] = leaders[leaders[value]]
        value = leaders[value]
    return value
