"""Images of a batch over HTTP: pages of them, and their prints."""

from typing import Annotated, Any, get_args

from fastapi import Path, Query, Request
from starlette.responses import Response, StreamingResponse

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.entity_tags import IfNoneMatch, not_modified, tag_of
from services.gateway.answers.envelope import Envelope
from services.gateway.answers.language import RequestLanguage
from services.gateway.collecting.image_pages import ListedImage, find_print
from services.gateway.collecting.print_names import content_disposition, print_name
from services.gateway.collecting.stored_print import StoredPrint
from services.gateway.routes.dependencies import ChosenImages, FoundBatch, ImagesDep, Limit, ObjectsDep, TilesDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from services.gateway.routes.image_detail_schemas import ImageDetail
from services.gateway.routes.image_schemas import ImageList, ImageStatus
from shared.documents import Batch, Print
from shared.image_types import ImageFormat
from shared.ports import ObjectStore

ImageIndex = Annotated[int, Path(ge=0, description="The image's place in the upload, from 0.")]

router = DocumentedRouter(prefix="/pipeline/batch/{batch_id}/images", tags=["images"])

IMAGE_CONTENT: dict[str, Any] = {
    f"image/{image_format}": {"schema": {"type": "string", "format": "binary"}}
    for image_format in get_args(ImageFormat)
}

_PRINT_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The print", "content": IMAGE_CONTENT},
    304: {"description": "The print is still the one that If-None-Match names"},
}


@router.get("", summary="A batch's images, page by page / 이미지 목록")
async def list_images(
    images: ImagesDep,
    language: RequestLanguage,
    batch: FoundBatch,
    chosen: ChosenImages,
    cursor: Annotated[str, Query(pattern=r"^[0-9]{0,9}$", description="`next_cursor` of the page before.")] = "",
    limit: Limit = 100,
) -> Envelope[ImageList]:
    """What was uploaded, in its order, with each image's outcome and prints."""
    page = await images.page(batch, int(cursor or 0), limit, chosen)
    listed = tuple(ImageStatus.of(batch.id, image, language) for image in page.images)
    return Envelope(data=ImageList(images=listed, next_cursor=page.next_cursor))


@router.get("/{index}", summary="All of one image / 이미지 한 장의 모든 것")
@raises(BatchCode.IMAGE_NOT_FOUND)
async def show_image(
    images: ImagesDep, language: RequestLanguage, batch: FoundBatch, index: ImageIndex
) -> Envelope[ImageDetail]:
    """What the list says of it, how it was developed, and what became of it in each generation."""
    return Envelope(data=ImageDetail.detailed(batch, await images.history(batch, index), language))


@router.get(
    "/{index}/{output}",
    summary="One print / 결과물 한 장",
    response_class=StreamingResponse,
    responses=_PRINT_RESPONSES,
)
@raises(
    BatchCode.IMAGE_NOT_FOUND,
    BatchCode.IMAGE_PENDING,
    BatchCode.IMAGE_FAILED,
    BatchCode.IMAGE_REVOKED,
    BatchCode.OUTPUT_NOT_FOUND,
    BatchCode.PRINT_MISSING,
    BatchCode.PRINT_DAMAGED,
)
async def show_print(
    request: Request,
    images: ImagesDep,
    tiles: TilesDep,
    objects: ObjectsDep,
    language: RequestLanguage,
    batch: FoundBatch,
    index: ImageIndex,
    output: Annotated[str, Path(max_length=64, description="The print's name in the recipe.")],
    _if_none_match: IfNoneMatch = None,
) -> Response:
    """The print's bytes."""
    image = await tiles.one(batch, index)
    if image.state == "failed":
        # A sketch does not say why, and is small, as a screen asks for many prints of one chunk.
        image = await images.one(batch, index)
    return await print_response(request, objects, batch, image, find_print(image, output, language))


async def print_response(
    request: Request, objects: ObjectStore, batch: Batch, image: ListedImage, made: Print
) -> Response:
    """The answer with an image's print; raises `ApiError` if it is missing or damaged."""
    stored = StoredPrint(batch.id, image.entry.index, made)
    headers = _print_headers(stored.key, image.entry.name, made)
    if known := not_modified(request, headers):
        return known
    pieces = await stored.stream(objects)
    headers["Content-Length"] = str(made.size_bytes)
    return StreamingResponse(pieces, headers=headers, media_type=made.media_type)


def _print_headers(key: str, label: str, made: Print) -> dict[str, str]:
    """Headers of a print: it never changes under its address, and a browser takes it for an image only."""
    return {
        "ETag": tag_of(f"{key} {made.size_bytes}"),
        "Cache-Control": "private, max-age=86400, immutable",
        "Content-Disposition": content_disposition("inline", print_name(label, made.output, made.extension)),
        # A print opened by itself is a page of this origin: nothing in it may run.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
