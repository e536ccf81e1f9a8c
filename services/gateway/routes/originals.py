"""Originals over HTTP, as they were uploaded."""

from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import Header, Request
from starlette.responses import Response, StreamingResponse

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.byte_ranges import asked_range
from services.gateway.answers.entity_tags import IfNoneMatch, not_modified
from services.gateway.answers.error_handlers import error_response
from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode
from services.gateway.collecting.print_names import content_disposition, file_stem
from services.gateway.collecting.stored_original import UNKNOWN_TYPE, StoredOriginal
from services.gateway.routes.dependencies import FoundBatch, ObjectsDep, TilesDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from services.gateway.routes.images import IMAGE_CONTENT, ImageIndex, print_response

MAX_ENDING_CHARACTERS = 10
"""Of a file's name, with its dot; what is longer is a part of the name."""

router = DocumentedRouter(prefix="/pipeline/batch/{batch_id}/images", tags=["images"])

NAME = "original"
"""The last part of an original's address; it is the print's where a recipe has an output of that name."""

_CONTENT = {**IMAGE_CONTENT, UNKNOWN_TYPE: {"schema": {"type": "string", "format": "binary"}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The original", "content": _CONTENT},
    206: {"description": "The bytes of it that Range names", "content": _CONTENT},
    304: {"description": "The original is the one that If-None-Match names"},
}


@router.get(
    f"/{{index}}/{NAME}", summary="One original / 원본 한 장", response_class=StreamingResponse, responses=_RESPONSES
)
@raises(BatchCode.IMAGE_NOT_FOUND, BatchCode.ORIGINAL_MISSING, RequestCode.RANGE_NOT_SATISFIABLE)
async def show_original(
    request: Request,
    images: TilesDep,
    objects: ObjectsDep,
    batch: FoundBatch,
    index: ImageIndex,
    _if_none_match: IfNoneMatch = None,
    _range: Annotated[str | None, Header(alias="range", description="One range of bytes: `bytes=0-1023`.")] = None,
) -> Response:
    """The uploaded bytes, of the type that they have whatever the client called it; nothing in them can run."""
    image = await images.one(batch, index)
    prints = image.outcome.prints if image.outcome else ()
    if made := next((made for made in prints if made.output == NAME), None):
        return await print_response(request, objects, batch, image, made)
    original = StoredOriginal(batch.id, image.entry)
    headers = _headers(original.etag, image.entry.name)
    if known := not_modified(request, headers):
        return known
    size = image.entry.size_bytes
    part = asked_range(request, size, original.etag)
    if part is not None and not part:
        error = ApiError(RequestCode.RANGE_NOT_SATISFIABLE, size_bytes=size)
        return error_response(request, error, headers={"Content-Range": f"bytes */{size}"})
    media_type, pieces = await original.stream(objects)
    if media_type == UNKNOWN_TYPE:
        headers["Content-Disposition"] = _disposition("attachment", image.entry.name)
    if part is None:
        return StreamingResponse(pieces, 200, {**headers, "Content-Length": str(size)}, media_type)
    headers |= {"Content-Range": f"bytes {part.first}-{part.last}/{size}", "Content-Length": str(len(part))}
    return StreamingResponse(part.cut(pieces), 206, headers, media_type)


def _headers(etag: str, label: str) -> dict[str, str]:
    return {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=86400, immutable",
        "Content-Disposition": _disposition("inline", label),
        # Opened by itself it is a page of this origin, and anybody may have uploaded it.
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }


def _disposition(kind: str, label: str) -> str:
    name = PurePosixPath(label.replace("\\", "/"))
    if len(name.suffix) > MAX_ENDING_CHARACTERS:
        return content_disposition(kind, file_stem(name.name, "image"))
    # A long name is cut before its ending, by which systems know what it is.
    return content_disposition(kind, file_stem(name.stem, "image") + file_stem(name.suffix, ""))
