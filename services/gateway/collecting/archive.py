"""A batch's prints as a ZIP file, made while it is sent."""

import asyncio
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from services.gateway.collecting.batch_images import BatchImages
from services.gateway.collecting.print_names import numbered, print_name
from services.gateway.collecting.read_ahead import Wanted, read_ahead
from services.gateway.collecting.stored_zip import StoredZip
from shared.documents import Batch
from shared.object_keys import print_key
from shared.ports import ObjectReader

LARGE_BYTES = 1024 * 1024
"""Checksums of prints from this size on are taken in a thread: they would hold up everything else for milliseconds."""


@dataclass(frozen=True)
class Archives:
    """Makes archives. One costs at most 8 MiB of prints (or one larger print) and some 13 bytes for each of them."""

    images: BatchImages
    objects: ObjectReader

    async def pieces(self, batch: Batch, output: str | None = None) -> AsyncGenerator[bytes, None]:
        """The archive of a finished batch in the order of its images: every print, or those of one output.

        Raises `ApiError` when there are none, and whenever one cannot be read: what was sent by then is no valid
        archive. Raises `TransientError` for trouble with the stores.
        """
        archive = StoredZip(batch.finished_at or batch.created_at)
        async with aclosing(self._wanted(batch, output)) as wanted, aclosing(read_ahead(self.objects, wanted)) as read:
            async for name, data in read:
                yield archive.header(name, len(data), await _checksum(data))
                yield data
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
                        key = print_key(batch.id, index, made.output, made.extension, made.generation)
                        yield Wanted(numbered(index, batch.total_images, name), key, made.size_bytes)
        if not found:
            raise _no_prints(output, sorted(seen) if batch.completed_images else [])


def _no_prints(output: str | None, choices: list[str]) -> ApiError:
    if output is None or not choices:
        return ApiError(BatchCode.NO_PRINTS)
    return ApiError(BatchCode.OUTPUT_UNKNOWN, choices=", ".join(choices), details={"choices": choices})


async def _checksum(data: bytes) -> int:
    return zlib.crc32(data) if len(data) < LARGE_BYTES else await asyncio.to_thread(zlib.crc32, data)
