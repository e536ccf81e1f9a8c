"""Many images of a batch at once over HTTP, in brief: what a screen full of thumbnails shows."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from services.gateway.answers.entity_tags import UNCHANGED, IfNoneMatch, batch_headers, not_modified
from services.gateway.answers.envelope import Envelope
from services.gateway.routes.dependencies import ChosenImages, FoundBatch, Limit, TilesDep
from services.gateway.routes.documented_router import DocumentedRouter
from services.gateway.routes.tile_schemas import TileList

router = DocumentedRouter(prefix="/pipeline/batch/{batch_id}/tiles", tags=["images"])


@router.get("", summary="Thumbnails in bulk / 썸네일 목록", response_model=Envelope[TileList], responses=UNCHANGED)
async def list_tiles(
    request: Request,
    tiles: TilesDep,
    batch: FoundBatch,
    chosen: ChosenImages,
    cursor: Annotated[str, Query(pattern=r"^[0-9]{0,9}$", description="Index of the first image.")] = "",
    limit: Limit = 1000,
    _if_none_match: IfNoneMatch = None,
) -> Response:
    """The images in their order, each in as few bytes as a thumbnail needs; any index is a cursor.

    The entity tag stays while the batch does: a client that sends it back is answered 304, before any image is read.
    """
    headers = batch_headers(batch.version)
    if known := not_modified(request, headers):
        return known
    page = await tiles.page(batch, int(cursor or 0), limit, chosen)
    answer = Envelope[TileList](success=True, data=TileList.of(page))
    return Response(answer.model_dump_json(exclude_unset=True), headers=headers, media_type="application/json")
