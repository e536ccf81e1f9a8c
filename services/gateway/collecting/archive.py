"""A batch's prints as a ZIP file, made while it is sent."""

import asyncio
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from services.gateway.collecting.batch_images import BatchImages
from services.gateway.collecting.print_names import numbered, print_name
from services.gateway.collecting.read_ahead import Wanted, read_ahead
from services.gateway.collecting.stored_print import PrintError, StoredPrint
from services.gateway.collecting.stored_zip import StoredZip
from shared.documents import Batch
from shared.ports import ObjectReader

LARGE_BYTES = 1024 * 1024
"""Checksums of prints from this size on are taken in a thread: they would hold up everything else for milliseconds."""


MAX_BROKEN = 100
"""Archives that broke half-way and are remembered."""


@dataclass(frozen=True)
class Archives:
    """Makes archives. One costs at most 8 MiB of prints (or one larger print) and some 13 bytes for each of them."""

    images: BatchImages
    objects: ObjectReader
    _broken: dict[tuple[str, int], StoredPrint] = field(default_factory=dict)
    """What an archive broke at half-way, where it could not say so, by the batch's id and version."""

    async def pieces(self, batch: Batch, output: str | None = None) -> AsyncGenerator[bytes, None]:
        """The archive of a finished batch in the order of its images: every print, or those of one output.

        Raises `ApiError` when there are none, and whenever one cannot be read: what was sent by then is no valid
        archive. Raises `TransientError` for trouble with the stores.
        """
        key = batch.id, batch.version
        # The same moment each time, so that a repeated archive has the same bytes.
        archive = StoredZip(batch.finished_at or batch.created_at)
        try:
            # An archive that breaks half-way cannot say why: the next one does, before it begins.
            if (broken := self._broken.get(key)) and output in {None, broken.made.output}:
                await broken.read(self.objects)
                self._broken.pop(key, None)
            async with aclosing(self._wanted(batch, output)) as some, aclosing(read_ahead(self.objects, some)) as read:
                async for name, data in read:
                    yield archive.header(name, len(data), await _checksum(data))
                    yield data
        except PrintError as error:
            # The status line is sent by now, so this answer can only break off.
            self._broken[key] = error.stored
            if len(self._broken) > MAX_BROKEN:
                del self._broken[next(iter(self._broken))]
            raise
        for piece in archive.end():
            yield piece

    async def _wanted(self, batch: Batch, output: str | None) -> AsyncGenerator[Wanted[str], None]:
        seen = {made.name for made in batch.recipe.outputs}
        found = False
        async with aclosing(self.images.between(batch, 0, batch.total_images)) as images:
            async for image in images:
                for made in image.outcome.prints if image.outcome else ():
                    seen.add(made.output)
                    if output in {None, made.output}:
                        found = True
                        index, name = image.entry.index, print_name(image.entry.name, made.output, made.extension)
                        yield Wanted(numbered(index, batch.total_images, name), StoredPrint(batch.id, index, made))
        if not found:
            raise _no_prints(output, sorted(seen) if batch.completed_images else [])


def _no_prints(output: str | None, choices: list[str]) -> ApiError:
    if output is None or not choices:
        return ApiError(BatchCode.NO_PRINTS)
    return ApiError(BatchCode.OUTPUT_UNKNOWN, choices=", ".join(choices), details={"choices": choices})


async def _checksum(data: bytes) -> int:
    return zlib.crc32(data) if len(data) < LARGE_BYTES else await asyncio.to_thread(zlib.crc32, data)
