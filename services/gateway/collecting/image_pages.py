"""The images of a batch, page by page: what was uploaded, and what has become of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from shared.documents import REVOKED, Batch, ManifestEntry, Outcome, Print, present_outcomes
from shared.failure_codes import failure_sentence
from shared.ports import ChunkReader, ManifestStore
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


@dataclass(frozen=True)
class ImagePage:
    """Some images in the order of their indexes; the next page begins at index `next_first`, None at the end."""

    images: Sequence[ListedImage]
    next_first: int | None


@dataclass(frozen=True)
class Images:
    """Reads images from manifest pages and chunks."""

    manifests: ManifestStore
    chunks: ChunkReader

    async def page(self, batch: Batch, first: int, limit: int, outcome: OutcomeFilter | None) -> ImagePage:
        """Up to `limit` images from index `first` on, of one outcome or of all."""
        found: list[ListedImage] = []
        end = min(first + MAX_READ, batch.total_images)
        # Without a filter every image that is read is listed, so no more than the page is read.
        step = READ_AT_ONCE if outcome else limit
        for start in range(first, end, step):
            for image in await self._read(batch, start, min(step, end - start)):
                if outcome is None or outcome == image.state:
                    found.append(image)
                if len(found) == limit:
                    return ImagePage(found, _within(batch, image.entry.index + 1))
        return ImagePage(found, _within(batch, max(first, end)))

    async def one(self, batch: Batch, index: int) -> ListedImage:
        """One image; raises `ApiError` when the batch has none of that index."""
        images = await self._read(batch, index, 1) if 0 <= index < batch.total_images else ()
        if not images:
            raise ApiError(BatchCode.IMAGE_NOT_FOUND, last=batch.total_images - 1)
        return images[0]

    async def _read(self, batch: Batch, first: int, count: int) -> Sequence[ListedImage]:
        entries = await self.manifests.entries(batch.id, first, count)
        outcomes = present_outcomes(
            batch, range(first, first + count), await self.chunks.overlapping(batch.id, first, count)
        )
        return [ListedImage(entry, outcomes.get(entry.index) or _outcome_to_come(batch, entry)) for entry in entries]


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
