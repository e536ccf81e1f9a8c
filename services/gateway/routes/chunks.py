"""Chunks of a batch over HTTP: what a timeline is drawn from."""

from typing import Annotated

from fastapi import Query

from services.gateway.answers.envelope import Envelope
from services.gateway.routes.chunk_schemas import ChunkList, ChunkStatus
from services.gateway.routes.dependencies import ChunksDep, FoundBatch, Limit
from services.gateway.routes.documented_router import DocumentedRouter

router = DocumentedRouter(prefix="/pipeline/batch/{batch_id}/chunks", tags=["batches"])


@router.get("", summary="A batch's chunks, page by page / 청크 목록")
async def list_chunks(
    chunks: ChunksDep,
    batch: FoundBatch,
    cursor: Annotated[
        str,
        Query(
            pattern=r"^([0-9]{1,9}-[0-9]{1,9})?$",
            description="`next_cursor` of the page before, or `generation-number`.",
        ),
    ] = "",
    limit: Limit = 100,
    generation: Annotated[
        int | None, Query(ge=0, le=10**9, description="Those of an earlier generation; else those of the present one.")
    ] = None,
    every: Annotated[bool, Query(alias="all", description="Those of all generations, the oldest first.")] = False,  # noqa: FBT002 - a query parameter
) -> Envelope[ChunkList]:
    """The chunks that are released so far, in their order: how each went, and when."""
    only = batch.generation if generation is None else generation
    first, last = (0, batch.generation) if every else (only, min(only, batch.generation))
    begin = (first, 0)
    if cursor:
        at, _, number = cursor.partition("-")
        begin = max(begin, (int(at), int(number)))
    found = await chunks.summaries(batch.id, begin, last, limit + 1)
    following = [f"{chunk.generation}-{chunk.number}" for chunk in found[limit:]]
    listed = tuple(ChunkStatus.of(chunk) for chunk in found[:limit])
    return Envelope(data=ChunkList(chunks=listed, next_cursor=following[0] if following else None))
