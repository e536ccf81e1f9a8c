"""Pages of images: manifest and chunks put together, as the batch counts them."""

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.collecting.image_pages import (
    ImageFilter,
    Images,
    ListedImage,
    OutcomeFilter,
    find_print,
)
from shared.adapters.memory_documents import MemoryDocuments
from shared.documents import REVOKED, Batch, Chunk, ManifestEntry, ManifestPage, Outcome, Print, present_outcomes
from tests.fakes import START, new_batch

DONE = Outcome(state="completed")
FAILED_ONES = ImageFilter("failed")
FAILED = Outcome(state="failed", code="unreadable", message="이미지를 읽을 수 없습니다.")


def chunk(number: int, *indexes: int, generation: int = 0, **outcomes: Outcome) -> Chunk:
    """A chunk with outcomes given as `i3=DONE`."""
    empty = Chunk(batch_id="b", number=number, generation=generation, indexes=indexes, lease_until=START)
    return empty.folded({int(name[1:]): outcome for name, outcome in outcomes.items()})


class Album:
    """A batch of many images in memory."""

    def __init__(self, total_images: int) -> None:
        self.documents = MemoryDocuments()
        self.batch: Batch = new_batch("b", total_images=total_images, chunk_size=10)
        self.images = Images(self.documents.manifests, self.documents.chunks.overlapping)

    async def fill(self, *chunks: Chunk) -> "Album":
        """Record the manifest and these chunks."""
        for first in range(0, self.batch.total_images, 1000):
            entries = tuple(
                ManifestEntry(index=index, name=f"{index}.jpg", size_bytes=1, sha256="")
                for index in range(first, min(first + 1000, self.batch.total_images))
            )
            await self.documents.manifests.add(ManifestPage(batch_id="b", page=first // 1000, entries=entries))
        await self.documents.chunks.add(chunks)
        return self

    async def listed(self, chosen: ImageFilter, batch: Batch | None = None) -> list[int]:
        """The indexes of the first ten images that fit, of the batch in this state if there is one."""
        page = await self.images.page(batch or self.batch, 0, 10, chosen)
        return [image.entry.index for image in page.images]


async def test_pages_follow_each_other_to_the_end() -> None:
    """Every image once, in order."""
    album = await Album(25).fill()
    seen: list[int] = []
    first: int | None = 0
    while first is not None:
        page = await album.images.page(album.batch, first, 10)
        seen += [image.entry.index for image in page.images]
        first = page.next_first
    assert seen == list(range(25))


@pytest.mark.parametrize("first", [25, 26, 999_999_999])
async def test_a_cursor_beyond_the_end_finds_nothing(first: int) -> None:
    """And says that this is the end."""
    album = await Album(25).fill()
    page = await album.images.page(album.batch, first, 10)
    assert (list(page.images), page.next_first) == ([], None)


async def test_images_are_filtered_by_their_outcome() -> None:
    """Those without one are pending."""
    album = await Album(4).fill(chunk(0, 0, 1, i0=DONE, i1=FAILED), chunk(1, 2, 3, i3=DONE))
    expected: dict[OutcomeFilter, list[int]] = {"completed": [0, 3], "failed": [1], "pending": [2]}
    for state, indexes in expected.items():
        assert await album.listed(ImageFilter(state)) == indexes


async def test_images_are_filtered_by_why_they_failed() -> None:
    """What has not failed has no cause."""
    slow = Outcome(state="failed", code="timeout", message="slow")
    album = await Album(5).fill(
        chunk(0, 0, 1, 2, 3, i0=FAILED, i1=slow, i2=DONE.model_copy(update={"code": "timeout"}))
    )
    assert await album.listed(ImageFilter(code="timeout")) == [1]
    assert await album.listed(ImageFilter("failed", "unreadable")) == [0]
    for without in (
        ImageFilter("completed", "timeout"),
        ImageFilter("pending", "timeout"),
        ImageFilter(code="crashed"),
    ):
        assert await album.listed(without) == []


async def test_a_rare_outcome_ends_a_page_early_with_a_cursor_to_go_on_from() -> None:
    """So that no request reads a whole huge batch."""
    album = await Album(12_000).fill(chunk(0, 11_999, i11999=FAILED))
    page = await album.images.page(album.batch, 0, 10, FAILED_ONES)
    assert (list(page.images), page.next_first) == ([], 10_000)
    page = await album.images.page(album.batch, 10_000, 10, FAILED_ONES)
    assert ([image.entry.index for image in page.images], page.next_first) == ([11_999], None)


@pytest.mark.parametrize("indexes", [(1, 2), (2,)])
def test_an_image_that_is_tried_again_is_pending(indexes: tuple[int, ...]) -> None:
    """Whatever it was before, and whether or not the chunker has come to it; completed ones stay so."""
    batch = new_batch("b").model_copy(update={"generation": 1})
    outcomes = present_outcomes(
        batch,
        range(3),
        [
            chunk(0, 0, 1, 2, i0=DONE, i1=FAILED, i2=REVOKED),
            chunk(1, *indexes, generation=1, i2=DONE),
        ],
    )
    assert outcomes == {0: DONE, 2: DONE}


def test_within_a_generation_an_outcome_stays() -> None:
    """Even when the image has moved to another chunk of it."""
    outcomes = present_outcomes(
        new_batch("b"), range(2), [chunk(0, 0, 1, i0=DONE), chunk(1, 0, 1, i1=FAILED), chunk(2, 0, 1, i0=FAILED)]
    )
    assert outcomes == {0: DONE, 1: FAILED}


async def test_a_stopped_batch_has_no_pending_images_once_it_has_ended() -> None:
    """Images that were in no chunk are revoked like those that were, and the page of one outcome knows both."""
    album = await Album(5).fill(chunk(0, 0, 1, 2, i0=DONE, i1=FAILED, i2=REVOKED))
    for status, revoked, pending in (("STARTED", [2], [3, 4]), ("REVOKED", [2, 3, 4], [])):
        batch = album.batch.model_copy(update={"status": status})
        assert await album.listed(ImageFilter("revoked"), batch) == revoked
        assert await album.listed(ImageFilter("pending"), batch) == pending
    assert (await album.images.one(batch, 4)).outcome == REVOKED


async def test_a_retry_that_was_stopped_revokes_what_it_did_not_come_to() -> None:
    """The failure of an earlier generation is no outcome of this one, so the states add up to the batch's counts."""
    album = await Album(3).fill(chunk(0, 0, 1, 2, i0=DONE, i1=FAILED, i2=FAILED), chunk(1, 1, generation=1, i1=DONE))
    batch = album.batch.model_copy(update={"status": "REVOKED", "generation": 1})
    page = await album.images.page(batch, 0, 10)
    assert [image.state for image in page.images] == ["completed", "completed", "revoked"]


async def test_one_image_is_found_by_its_index() -> None:
    """And an index that the batch has not is refused."""
    album = await Album(3).fill()
    assert (await album.images.one(album.batch, 2)).entry.name == "2.jpg"
    with pytest.raises(ApiError) as refused:
        await album.images.one(album.batch, 3)
    assert (refused.value.code, refused.value.values) == ("image_not_found", {"last": 2})


def test_a_print_is_found_or_its_absence_explained() -> None:
    """Pending, failed, revoked, or of another name."""
    entry = ManifestEntry(index=0, name="a.jpg", size_bytes=1, sha256="")
    made = Print(output="web", extension="jpg", media_type="image/jpeg", width=1, height=1, size_bytes=1)
    completed = Outcome(state="completed", prints=(made,))
    assert find_print(ListedImage(entry, completed), "web", "en") == made
    for outcome, code in (
        (None, "image_pending"),
        (FAILED, "image_failed"),
        (REVOKED, "image_revoked"),
        (completed, "output_not_found"),
    ):
        with pytest.raises(ApiError) as refused:
            find_print(ListedImage(entry, outcome), "thumbnail", "en")
        assert refused.value.code == code
