"""The images of a batch, page by page: what was uploaded, and what has become of each."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from shared.documents import REVOKED, Batch, Chunk, ManifestEntry, Outcome, Print, present_outcomes
from shared.failure_codes import failure_sentence
from shared.ports import ManifestStore
from shared.translated import Language

OutcomeFilter = Literal["completed", "failed", "pending", "revoked"]

READ_AT_ONCE = 1000
MAX_READ = 10_000
"""Images looked at for one page; a page with a rare outcome then ends early, with a cursor to go on from."""


@dataclass(frozen=True)
class ListedImage:
    """One image of a batch; without an outcome it is still pending."""

    entry: ManifestEntry
    outcome: Outcome | None

    @property
    def state(self) -> OutcomeFilter:
        """How far it has got."""
        return "pending" if self.outcome is None else self.outcome.state

    @property
    def smallest_print(self) -> Print | None:
        """The print of the fewest pixels; None if it has none."""
        prints = self.outcome.prints if self.outcome else ()
        return min(prints, key=lambda made: (made.width * made.height, made.size_bytes), default=None)


@dataclass(frozen=True)
class ImageFilter:
    """Narrows a list of images: to those in a state, and to those that failed with a code."""

    state: OutcomeFilter | None = None
    code: str | None = None

    def fits(self, image: ListedImage) -> bool:
        """Whether a list with this filter shows the image."""
        code = image.outcome.code if image.outcome and image.outcome.state == "failed" else None
        return self.state in {None, image.state} and self.code in {None, code}


EVERY_IMAGE = ImageFilter()


@dataclass(frozen=True)
class ImagePage:
    """Some images in the order of their indexes; the next page begins at index `next_first`, None at the end."""

    images: Sequence[ListedImage]
    next_first: int | None

    @property
    def next_cursor(self) -> str | None:
        return None if self.next_first is None else str(self.next_first)


@dataclass(frozen=True)
class ImageHistory:
    """One image and the chunks that it was in, oldest first."""

    image: ListedImage
    chunks: Sequence[Chunk]

    @property
    def outcomes(self) -> Sequence[tuple[Chunk, Outcome]]:
        """The outcomes that the chunks gave it; one that has not ended gave none."""
        key = str(self.image.entry.index)
        return [(chunk, chunk.outcomes[key]) for chunk in self.chunks if key in chunk.outcomes]


ChunksOfImages = Callable[[str, int, int], Awaitable[Sequence[Chunk]]]
"""`ChunkReader.overlapping`; or `ChunkReader.sketched`, where nothing more is shown of an image."""


@dataclass(frozen=True)
class Images:
    """Reads images from manifest pages and chunks."""

    manifests: ManifestStore
    read_chunks: ChunksOfImages

    async def page(self, batch: Batch, first: int, limit: int, chosen: ImageFilter = EVERY_IMAGE) -> ImagePage:
        """Up to `limit` images that fit, from index `first` on."""
        found: list[ListedImage] = []
        end = min(first + MAX_READ, batch.total_images)
        # Without a filter every image that is read is listed, so no more than the page is read.
        step = limit if chosen == EVERY_IMAGE else READ_AT_ONCE
        for start in range(first, end, step):
            for image in (await self._read(batch, start, min(step, end - start)))[0]:
                if chosen.fits(image):
                    found.append(image)
                if len(found) == limit:
                    return ImagePage(found, _within(batch, image.entry.index + 1))
        return ImagePage(found, _within(batch, max(first, end)))

    async def one(self, batch: Batch, index: int) -> ListedImage:
        """One image; raises `ApiError` when the batch has none of that index."""
        return (await self.history(batch, index)).image

    async def history(self, batch: Batch, index: int) -> ImageHistory:
        """One image with the chunks of this state of the batch; raises what `one` does."""
        if 0 <= index < batch.total_images:
            images, chunks = await self._read(batch, index, 1)
            if images:
                return ImageHistory(images[0], [chunk for chunk in chunks if chunk.generation <= batch.generation])
        raise ApiError(BatchCode.IMAGE_NOT_FOUND, last=batch.total_images - 1)

    async def _read(self, batch: Batch, first: int, count: int) -> tuple[Sequence[ListedImage], Sequence[Chunk]]:
        entries = await self.manifests.entries(batch.id, first, count)
        chunks = await self.read_chunks(batch.id, first, count)
        outcomes = present_outcomes(batch, range(first, first + count), chunks)
        outcome_of = {entry.index: outcomes.get(entry.index) or _outcome_to_come(batch, entry) for entry in entries}
        return [ListedImage(entry, outcome_of[entry.index]) for entry in entries], chunks


def _outcome_to_come(batch: Batch, entry: ManifestEntry) -> Outcome | None:
    """What an image without a result ends as, where that is certain."""
    if batch.is_finished:
        # A stopped batch ends with images that were never in a chunk.
        return REVOKED
    if entry.unfit is not None:
        return Outcome(state="failed", code=entry.unfit.code, message=entry.unfit.message)
    return None


def find_print(image: ListedImage, output: str, language: Language) -> Print:
    """The image's print of that name; raises `ApiError` saying why there is none."""
    outcome = image.outcome
    if outcome is None:
        raise ApiError(BatchCode.IMAGE_PENDING)
    if outcome.state == "revoked":
        raise ApiError(BatchCode.IMAGE_REVOKED)
    if outcome.state == "failed":
        why = failure_sentence(outcome.code, outcome.message, language)
        raise ApiError(BatchCode.IMAGE_FAILED, details={"code": outcome.code, "message": why})
    for found in outcome.prints:
        if found.output == output:
            return found
    choices = [made.output for made in outcome.prints]
    raise ApiError(BatchCode.OUTPUT_NOT_FOUND, choices=", ".join(choices), details={"choices": choices})


def _within(batch: Batch, index: int) -> int | None:
    return index if index < batch.total_images else None
