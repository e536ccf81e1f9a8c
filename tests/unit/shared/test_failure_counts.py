"""Failed images are counted by code, and the counts always add up to them."""

import json
from pathlib import Path

import pytest

from shared.documents import UNRECORDED, Batch, ChunkTotals, SealedChunks, accounted, summed
from shared.documents.failure_counts import failure_counts

RECORDED = Path(__file__).parents[2] / "recorded" / "documents"


def test_images_without_a_code_are_counted_as_well() -> None:
    """An outcome of any origin counts once."""
    assert failure_counts(["timeout", None, "unreadable", "", "timeout"]) == {
        "timeout": 2,
        "unreadable": 1,
        UNRECORDED: 2,
    }
    assert failure_counts([]) == {}


def test_counts_are_summed_code_by_code() -> None:
    """Each as often as it comes."""
    assert summed([({"timeout": 1, "crashed": 2}, 3), ({"timeout": 4}, 1), ({}, 9)]) == {"timeout": 7, "crashed": 6}
    assert summed([]) == {}


@pytest.mark.parametrize("stale", [None, {}, {"timeout": 2}, {"timeout": 9}])
def test_counts_that_do_not_add_up_say_nothing(stale: dict[str, int] | None) -> None:
    """They are left over from before a version without them changed the number of failed images."""
    assert accounted(stale, 3) == {UNRECORDED: 3}
    assert accounted(stale, 0) == {}
    assert accounted({"timeout": 1, "crashed": 2}, 3) == {"timeout": 1, "crashed": 2}


def test_a_document_of_an_earlier_version_has_its_failures_unrecorded() -> None:
    """A batch as such a service wrote it, and one that it changed after this version had counted by code."""
    old = {**json.loads((RECORDED / "batch-running.json").read_text()), "failed_images": 3}
    assert Batch.model_validate(old).failure_codes == {UNRECORDED: 3}
    assert Batch.model_validate({**old, "failure_codes": {"timeout": 4}}).failure_codes == {UNRECORDED: 3}
    assert Batch.model_validate({**old, "failure_codes": {"timeout": 3}}).failure_codes == {"timeout": 3}


def test_sums_over_sealed_chunks_of_an_earlier_version_and_later_ones_are_exact() -> None:
    """What was sealed without codes stays unrecorded; what came since is counted."""
    sealed = SealedChunks.model_validate({"failed_images": 4, "completed_images": 9, "through": 3})
    totals = sealed.plus(ChunkTotals(failed_images=2, failure_codes={"timeout": 2}))
    assert (totals.failed_images, totals.failure_codes) == (6, {UNRECORDED: 4, "timeout": 2})
