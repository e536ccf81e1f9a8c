"""All of a batch at once over HTTP: its prints as an archive, its images as a contact sheet."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from services.gateway.answers.language import RequestLanguage
from services.gateway.answers.streamed_answer import StreamedAnswer
from services.gateway.batches.lookup import refuse_unfinished
from services.gateway.collecting.contact_sheet_page import CONTENT_SECURITY_POLICY, SheetPage
from services.gateway.collecting.print_names import content_disposition, file_stem
from services.gateway.routes.dependencies import (
    ArchivesDep,
    ContactSheetsDep,
    DownloadsDep,
    FoundBatch,
)
from services.gateway.routes.documented_router import DocumentedRouter, raises

MAX_ON_A_SHEET = 1_000_000
DEFAULT_ON_A_SHEET = 1000

ZIP = "application/zip"
HTML = "text/html; charset=utf-8"

router = DocumentedRouter(prefix="/pipeline/batch/{batch_id}", tags=["images"])

_SHEET_EXAMPLE = (
    '<!doctype html>\n<html lang="ko">\n…<main>\n'
    '<figure class="completed"><div><img src="data:image/jpeg;base64,…" width="320" height="240" alt="IMG_2041.jpg">'
    "</div><figcaption><bdi>IMG_2041.jpg</bdi><small>0 · 완료</small></figcaption></figure>\n"
    '<figure class="failed"><div>파일이 비어 있습니다.</div>'
    "<figcaption><bdi>IMG_2042.jpg</bdi><small>1 · 실패</small></figcaption></figure>\n"
    '…<footer id="end">…'
)

_ARCHIVE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A ZIP file (ZIP64 where needed) of entries that are stored as they are, such as "
        "`0017-IMG_2041-web.jpg`: the image's index, its name, the print's. It is sent chunked.",
        "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "Content-Disposition": {
                "schema": {"type": "string"},
                "example": "attachment; filename=\"holiday.zip\"; filename*=UTF-8''holiday.zip",
            }
        },
    },
}

_SHEET_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One page without scripts that fetches nothing",
        "content": {"text/html": {"schema": {"type": "string"}, "example": _SHEET_EXAMPLE}},
    },
}


async def _place(request: Request, downloads: DownloadsDep) -> AsyncIterator[None]:
    # Held until the last byte is sent: FastAPI ends dependencies after the answer.
    async with downloads.enter(request.state.download):
        yield


@router.get(
    "/archive",
    summary="All prints as a ZIP file / 결과물 전체 ZIP",
    response_class=StreamingResponse,
    responses=_ARCHIVE_RESPONSES,
    dependencies=[Depends(_place)],
)
@raises(
    BatchCode.BATCH_RUNNING,
    BatchCode.BATCH_STOPPING,
    BatchCode.OUTPUT_UNKNOWN,
    BatchCode.NO_PRINTS,
    BatchCode.PRINT_MISSING,
    BatchCode.PRINT_DAMAGED,
)
async def show_archive(
    archives: ArchivesDep,
    batch: FoundBatch,
    output: Annotated[
        str | None, Query(max_length=64, description="Only the prints of this name in the recipe.", examples=["web"])
    ] = None,
) -> Response:
    """Every print of a finished batch, in the order of the upload, made while it is sent and of any size.

    The archive is always whole: of a batch that is not finished it is refused, and when a print cannot be read half-way
    the connection breaks before the archive's end.
    """
    refuse_unfinished(batch)
    name = file_stem(batch.name, "prints") + (f"-{file_stem(output, 'prints')}" if output else "")
    # Too large for caches, and made anew each time, so it cannot be asked for in parts.
    headers = {
        "Content-Disposition": content_disposition("attachment", f"{name}.zip"),
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "none",
    }
    return await StreamedAnswer.begun(archives.pieces(batch, output), media_type=ZIP, headers=headers)


@router.get(
    "/contact-sheet",
    summary="All images on one page / 밀착 인화지",
    response_class=HTMLResponse,
    responses=_SHEET_RESPONSES,
    dependencies=[Depends(_place)],
)
@raises(BatchCode.IMAGE_NOT_FOUND, BatchCode.PRINT_MISSING, BatchCode.PRINT_DAMAGED)
async def show_contact_sheet(
    contact_sheets: ContactSheetsDep,
    language: RequestLanguage,
    batch: FoundBatch,
    cursor: Annotated[str, Query(pattern=r"^[0-9]{0,9}$", description="Index of the first image on the sheet.")] = "",
    limit: Annotated[
        int, Query(ge=1, le=MAX_ON_A_SHEET, description="Images on the sheet at most.")
    ] = DEFAULT_ON_A_SHEET,
) -> Response:
    """A page to look at, save or print, with the smallest print of each image, its name, and why it failed if it did.

    It shows a batch as it is at the moment, finished or not, and links to the sheet that follows. It is made while it
    is sent; its last line says that it is whole.
    """
    first = int(cursor or 0)
    if first >= batch.total_images:
        raise ApiError(BatchCode.IMAGE_NOT_FOUND, last=batch.total_images - 1)
    name = f"{file_stem(batch.name, 'batch')}-contact-sheet.html"
    headers = {
        "Content-Disposition": content_disposition("inline", name),
        "Content-Language": language,
        "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'",
        "Cache-Control": "private, no-store",
        "Vary": "Accept-Language",
    }
    page = SheetPage(batch, first, min(first + limit, batch.total_images), language)
    return await StreamedAnswer.begun(contact_sheets.pieces(page), media_type=HTML, headers=headers)
