"""Batches over HTTP: upload one, look at one, list the newest."""

import json
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator
from starlette.responses import JSONResponse, Response

from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.draft_schemas import DraftBegun
from services.gateway.answers.envelope import Envelope
from services.gateway.answers.language import RequestLanguage
from services.gateway.answers.list_cursors import CURSOR_PATTERN
from services.gateway.answers.recipe_codes import CHOICE_ERRORS
from services.gateway.answers.schemas import BatchAccepted, BatchListEnvelope, BatchStatus
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.routes.dependencies import BatchListDep, DraftsDep, FoundBatch, Limit, SubmissionsDep, UploadsDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from services.gateway.routes.draft_body import draft_fields
from services.gateway.routes.idempotency_keys import IdempotencyKey
from services.gateway.routes.upload_body import FORM_ERRORS, upload_body
from services.gateway.uploading.multipart_parts import boundary_of, read_parts
from services.gateway.uploading.submission_form import MAX_NAME_CHARACTERS
from shared.documents import BatchFilter, Priority, Status

router = DocumentedRouter(prefix="/pipeline/batch", tags=["batches"])


def _true_if_bare(value: object) -> object:
    return True if value == "" else value


IsDraft = Annotated[bool, BeforeValidator(_true_if_bare), Query(description="Begin a draft; `?draft` alone is enough.")]


async def _batch_filter(
    status: Annotated[
        tuple[Status, ...], Query(description="Only batches in one of these states; repeat it for each.")
    ] = (),
    priority: Annotated[Priority | None, Query(description="Only batches of this priority.")] = None,
    q: Annotated[
        str,
        Query(max_length=MAX_NAME_CHARACTERS, description="Only batches whose names begin so, in either case."),
    ] = "",
) -> BatchFilter:
    return BatchFilter(frozenset(status), priority, q)


@router.post(
    "",
    summary="Upload a batch, or begin a draft / 배치 업로드 또는 초안 만들기",
    openapi_extra=upload_body(),
    response_model=Envelope[BatchAccepted],
    responses={201: {"model": Envelope[DraftBegun], "description": "A draft was begun"}},
)
@raises(
    *FORM_ERRORS,
    *CHOICE_ERRORS,
    UploadCode.BATCH_NAME_MISSING,
    UploadCode.BATCH_NAME_TOO_LONG,
    UploadCode.BATCH_NAME_UNREADABLE,
    UploadCode.CHUNK_SIZE_INVALID,
    UploadCode.PRIORITY_UNKNOWN,
    UploadCode.FAILURE_THRESHOLD_INVALID,
    UploadCode.FAILURE_SAMPLE_INVALID,
    UploadCode.TOO_MANY_FILES,
    UploadCode.NO_FILES,
    UploadCode.NO_IMAGES,
    UploadCode.BACKLOG_TOO_OLD,
    DraftCode.DRAFT_TAKES_NO_FILES,
)
async def submit_batch(
    request: Request,
    response: Response,
    uploads: UploadsDep,
    submissions: SubmissionsDep,
    drafts: DraftsDep,
    language: RequestLanguage,
    idempotency_key: IdempotencyKey,
    *,
    draft: IsDraft = False,
) -> Envelope[BatchAccepted] | Response:
    """Upload images as multipart/form-data; they are stored while they arrive, in any number.

    The answer comes when the last byte is stored and the batch is recorded. A file that is no image fails by name from
    the start, and the others go on; an upload without any image is refused. One that is refused, or breaks off, leaves
    nothing behind. Fields may stand before or after the files.

    A client that gets no answer may send the upload again: with an Idempotency-Key that makes no second batch. While
    batches cannot be passed on to the chunker, new uploads get a 503 with Retry-After. Accepted batches are kept, and a
    repeated upload is still answered with its batch.

    With `draft` only a draft is begun, from the same fields without files, as a form or as JSON. Files are appended to
    it in further requests, and a commit makes it a batch.
    """
    if draft:
        begun = await drafts.begin(await draft_fields(request), idempotency_key)
        answer = DraftBegun.of(begun, drafts.lifetime)
        return JSONResponse(Envelope(data=answer).model_dump(mode="json"), HTTPStatus.CREATED)
    boundary = boundary_of(request.headers.get("content-type"))
    async with uploads.enter(request.state.upload):
        batch = await submissions.submit(read_parts(request.stream(), boundary), idempotency_key)
    response.headers["Content-Language"] = language
    return Envelope(data=BatchAccepted.of(batch, language))


@router.get(
    "",
    summary="The newest batches / 최근 배치 목록",
    response_model=BatchListEnvelope,
)
async def list_batches(
    batch_list: BatchListDep,
    chosen: Annotated[BatchFilter, Depends(_batch_filter)],
    limit: Limit = 10,
    cursor: Annotated[str, Query(pattern=CURSOR_PATTERN, description="`next_cursor` of the page before.")] = "",
) -> Response:
    """The batches that were uploaded last, the newest first; `next_cursor` leads on to older ones.

    Filters narrow the list together, and a cursor goes with the filters that it was answered to.
    """
    listed, next_cursor = await batch_list.page(
        limit, cursor, lambda batch: BatchStatus.of(batch).model_dump_json(), chosen
    )
    body = f'{{"success":true,"data":[{",".join(listed)}],"next_cursor":{json.dumps(next_cursor)}}}'
    return Response(body, media_type="application/json")


@router.get("/{batch_id}", summary="How far a batch has got / 배치 진행 상황")
async def show_batch(batch: FoundBatch) -> Envelope[BatchStatus]:
    """The batch's status. Poll it until `status` is SUCCESS, FAILURE or REVOKED, or follow its events instead."""
    return Envelope(data=BatchStatus.of(batch))
