"""A batch's contact sheet: one page with the smallest print of each image, made while it is sent."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from services.gateway.collecting.batch_images import BatchImages
from services.gateway.collecting.contact_sheet_page import SheetPage
from services.gateway.collecting.image_pages import ListedImage
from services.gateway.collecting.read_ahead import Wanted, read_ahead
from services.gateway.collecting.stored_print import StoredPrint
from shared.documents import Print
from shared.ports import ObjectReader

MAX_SHOWN_BYTES = 1024 * 1024
"""A larger print is not put into the page: browsers open pages of full-size photographs slowly."""

Cell = tuple[ListedImage, Print | None]


@dataclass(frozen=True)
class ContactSheets:
    """Makes contact sheets. One holds at most 8 MiB of prints, for any number of images."""

    images: BatchImages
    objects: ObjectReader

    async def pieces(self, page: SheetPage) -> AsyncGenerator[bytes, None]:
        """The page, piece by piece.

        Raises `ApiError` when a print is missing or damaged or the batch is deleted, and `TransientError` for trouble
        with the stores: the page then has no end.
        """
        yield page.head().encode()
        async with aclosing(self._wanted(page)) as wanted, aclosing(read_ahead(self.objects, wanted)) as read:
            async for (image, shown), data in read:
                yield page.image(image, shown, data).encode()
        yield page.tail().encode()

    async def _wanted(self, page: SheetPage) -> AsyncGenerator[Wanted[Cell], None]:
        async with aclosing(self.images.between(page.batch, page.first, page.end)) as images:
            async for image in images:
                shown = shown_print(image)
                yield Wanted((image, shown), StoredPrint(page.batch.id, image.entry.index, shown) if shown else None)


def shown_print(image: ListedImage) -> Print | None:
    """The image's smallest print; None if it has none, or only a larger one than a page should hold."""
    smallest = image.smallest_print
    return smallest if smallest and smallest.size_bytes <= MAX_SHOWN_BYTES else None
