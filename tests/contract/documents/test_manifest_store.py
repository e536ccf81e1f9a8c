"""What every store of manifests promises."""

import asyncio

import pytest

from shared.ports import ManifestStore
from tests.contract.documents.examples import a_page


@pytest.mark.parametrize(
    ("first", "count", "found"),
    [
        (0, 10, range(10)),
        (990, 20, range(990, 1010)),
        (999, 1, range(999, 1000)),
        (1000, 1, range(1000, 1001)),
        (500, 1900, range(500, 2300)),
        (2295, 10, range(2295, 2300)),
        (2300, 10, range(0)),
        (9000, 10, range(0)),
        (5, 0, range(0)),
    ],
)
async def test_entries_come_in_order_across_pages(
    manifests: ManifestStore, first: int, count: int, found: range
) -> None:
    """Any window of the images can be read, wherever the pages end."""
    await asyncio.gather(*(manifests.add(a_page(page=page, entries=n)) for page, n in ((2, 300), (0, 1000), (1, 1000))))
    entries = await manifests.entries("b", first, count)
    assert [entry.index for entry in entries] == list(found)
    assert [entry.name for entry in entries] == [f"IMG_{index}.jpg" for index in found]


async def test_a_page_recorded_again_changes_nothing(manifests: ManifestStore) -> None:
    """The first record of a page stays, also when two arrive at once."""
    await manifests.add(a_page(entries=5))
    await asyncio.gather(*(manifests.add(a_page(entries=3)) for _ in range(5)))
    assert len(await manifests.entries("b", 0, 10)) == 5


async def test_batches_keep_their_manifests_apart(manifests: ManifestStore) -> None:
    """Removing one batch's pages leaves those of the others, and may be repeated."""
    await manifests.add(a_page("b", entries=2))
    await manifests.add(a_page("b", page=1, entries=1))
    await manifests.add(a_page("other", entries=3))
    await manifests.remove("b")
    await manifests.remove("b")
    assert list(await manifests.entries("b", 0, 2000)) == []
    assert len(await manifests.entries("other", 0, 10)) == 3
