"""A batch as the services leave it: its documents, and prints that are a few files under many names."""

import io
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from PIL import Image

from examples.sample_photographs import write_sample_photographs
from shared.adapters.mongodb import MongoDocuments
from shared.adapters.object_store import open_object_store
from shared.documents import MANIFEST_PAGE_IMAGES, Batch, Chunk, ManifestEntry, ManifestPage, Outcome, Print
from shared.object_keys import print_key
from shared.recipes import BUILT_IN_RECIPES

CHUNK_SIZE = 10
CHUNKS_AT_ONCE = 200

NAMES_A_FILE = 10_000
"""File systems bound how many names a file has."""

FAILED_EACH = 97
"""One of so many images has failed."""

SIDE = 320


async def add_batch(
    documents: MongoDocuments, objects: Path, images: int, ended_images: int, shown: range
) -> tuple[Batch, Print]:
    """Record a batch of which the first `ended_images` have ended; answer it, and what print its images have.

    In the object store are those of `shown`, as 100,000 folders take their time.
    """
    now = datetime.now(UTC)
    begun = Batch(
        id=str(uuid4()),
        name=f"bench {images}",
        recipe=BUILT_IN_RECIPES["web"],
        total_images=images,
        chunk_size=CHUNK_SIZE,
        created_at=now,
        dispatched_at=now,
    )
    batch = advanced(begun.released(begun.total_chunks, now), ended_images, now)
    made = await _write_prints(objects, batch.id, shown)
    for page, indexes in enumerate(_slices(images, MANIFEST_PAGE_IMAGES)):
        entries = tuple(ManifestEntry(index=i, name=f"DSC_{i:06}.jpg", size_bytes=100_000) for i in indexes)
        await documents.manifests.add(ManifestPage(batch_id=batch.id, page=page, entries=entries))
    for numbers in _slices(batch.total_chunks, CHUNKS_AT_ONCE):
        await documents.chunks.add([_chunk(batch, number, ended_images, made, now) for number in numbers])
    await documents.batches.add(batch)
    return batch, made


def advanced(batch: Batch, ended_images: int, now: datetime) -> Batch:
    """The batch when its first `ended_images` have ended."""
    failed = -(-ended_images // FAILED_EACH)
    counted = batch.changed(
        now,
        completed_images=ended_images - failed,
        failed_images=failed,
        failure_codes={"unreadable": failed} if failed else {},
        completed_chunks=ended_images // CHUNK_SIZE,
    )
    return counted.changed(now, status="FAILURE", finished_at=now) if ended_images == batch.total_images else counted


def outcomes_of(indexes: range, made: Print) -> Mapping[int, Outcome]:
    """What has become of images; most are completed, with this print."""
    completed = Outcome(state="completed", prints=(made,), worker="bench", duration_ms=80)
    failed = Outcome(state="failed", code="unreadable", message="The file is damaged.", worker="bench")
    return {index: completed if index % FAILED_EACH else failed for index in indexes}


def _chunk(batch: Batch, number: int, ended_images: int, made: Print, now: datetime) -> Chunk:
    indexes = range(batch.total_images)[number * CHUNK_SIZE : (number + 1) * CHUNK_SIZE]
    chunk = Chunk(batch_id=batch.id, number=number, indexes=tuple(indexes), lease_until=now, released_at=now)
    has_ended = indexes.stop <= ended_images
    return chunk.folded(outcomes_of(indexes, made), now) if has_ended else chunk


async def _write_prints(objects: Path, batch_id: str, shown: range) -> Print:
    """Store a print for each of these images; answer what all of them are."""
    data = _thumbnail(objects.parent / "photograph")
    made = Print(
        output="thumbnail", extension="jpg", media_type="image/jpeg", width=SIDE, height=SIDE, size_bytes=len(data)
    )
    store = open_object_store(str(objects))
    for places in _slices(len(shown), NAMES_A_FILE):
        first, *others = (print_key(batch_id, shown[place], made.output, made.extension) for place in places)
        await store.put(first, data)
        for key in others:
            (objects / key).parent.mkdir(parents=True)
            os.link(objects / first, objects / key)
    return made


def _thumbnail(folder: Path) -> bytes:
    (photograph,) = write_sample_photographs(folder, count=1, megapixels=0.5)
    buffer = io.BytesIO()
    with Image.open(photograph) as image:
        image.convert("RGB").resize((SIDE, SIDE)).save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def _slices(count: int, size: int) -> Iterator[range]:
    return (range(count)[first : first + size] for first in range(0, count, size))
