"""How many images failed, by the codes of their failures."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from shared.failure_codes import FailureCode

FailureCounts = Mapping[str, int]
"""Failed images by code, each count above 0."""

UNRECORDED = str(FailureCode.UNRECORDED)


def failure_counts(codes: Iterable[str | None]) -> FailureCounts:
    """The counts of failed images with these codes; one without a code counts as `unrecorded`."""
    return dict(Counter(code or UNRECORDED for code in codes))


def summed(counts: Iterable[tuple[FailureCounts, int]]) -> FailureCounts:
    """The sum of counts, each taken as often as the number beside it says."""
    total: Counter[str] = Counter()
    for by_code, times in counts:
        total.update({code: images * times for code, images in by_code.items()})
    return dict(total)


def accounted(counts: FailureCounts | None, failed_images: int) -> FailureCounts:
    """These counts if they add up to `failed_images`; else that many `unrecorded` ones.

    A service of a version without counts by code changes `failed_images` alone, and leaves counts behind that have
    nothing to do with it any more.
    """
    if sum((counts or {}).values()) == failed_images:
        return counts or {}
    return {UNRECORDED: failed_images} if failed_images else {}


def _accounted_in_document(counts: FailureCounts, info: ValidationInfo) -> FailureCounts:
    return accounted(counts, info.data.get("failed_images", 0))


AccountedFailures = Annotated[FailureCounts, AfterValidator(_accounted_in_document)]
"""A document's failed images by code: always as many as in its field `failed_images`, which stands before it."""
