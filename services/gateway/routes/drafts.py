"""Drafts over HTTP: append files, find out what is missing, look at them, commit."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.draft_schemas import (
    DraftListEnvelope,
    DraftStatus,
    DraftSummary,
    FilesAppended,
    FilesMissing,
)
from services.gateway.answers.envelope import Envelope
from services.gateway.answers.json_body import JSON_BODY
from services.gateway.answers.language import RequestLanguage
from services.gateway.answers.list_cursors import CURSOR_PATTERN
from services.gateway.answers.schemas import BatchAccepted
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.routes.dependencies import AppendsDep, DraftCommitsDep, DraftsDep, UploadsDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from services.gateway.routes.idempotency_keys import IdempotencyKey
from services.gateway.routes.upload_body import FORM_ERRORS, append_body
from services.gateway.uploading.missing_files import OwnFile, missing_files
from services.gateway.uploading.multipart_parts import boundary_of, read_parts

MAX_LISTED = 100
MAX_ASKED_FILES = 10_000

router = DocumentedRouter(prefix="/pipeline", tags=["drafts"])


class OwnFileQuery(BaseModel):
    """A file as its owner has it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    name: str = Field(examples=["IMG_2041.jpg"])
    """The name under which it is, or would be, appended."""

    size_bytes: int = Field(ge=0, examples=[3120455])


class MissingQuery(BaseModel):
    """The files that a client wants to have in a draft."""

    model_config = ConfigDict(frozen=True)

    files: Annotated[tuple[OwnFileQuery, ...], Field(max_length=MAX_ASKED_FILES)]


@router.get("/drafts", summary="Open drafts / 올리는 중인 초안 목록")
async def list_drafts(
    drafts: DraftsDep,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, description="How many at most.")] = 10,
    cursor: Annotated[str, Query(pattern=CURSOR_PATTERN, description="`next_cursor` of the page before.")] = "",
) -> DraftListEnvelope:
    """The drafts that take files, the newest first: an upload that was cut off goes on with one of them.

    `next_cursor` leads on to older ones.
    """
    found, next_cursor = await drafts.newest(limit, cursor)
    listed = [DraftSummary.of(draft, drafts.lifetime) for draft in found]
    return DraftListEnvelope(data=listed, next_cursor=next_cursor)


@router.get("/batch/{batch_id}/draft", summary="What a draft holds / 초안 상태")
@raises(DraftCode.DRAFT_NOT_FOUND)
async def show_draft(drafts: DraftsDep, batch_id: UUID) -> Envelope[DraftStatus]:
    """How much has been appended, and until when the draft is kept. It is gone some time after its commit."""
    draft, totals = await drafts.look(str(batch_id))
    return Envelope(data=DraftStatus.counted(draft, drafts.lifetime, totals))


@router.post(
    "/batch/{batch_id}/images",
    summary="Append files to a draft / 초안에 파일 추가",
    openapi_extra=append_body(),
)
@raises(
    *FORM_ERRORS,
    DraftCode.DRAFT_NOT_FOUND,
    DraftCode.DRAFT_COMMITTED,
    DraftCode.DRAFT_EXPIRED,
    DraftCode.APPEND_TOO_MANY_FILES,
    DraftCode.POSITION_INVALID,
    UploadCode.TOO_MANY_FILES,
    UploadCode.NO_FILES,
)
async def append_images(
    request: Request,
    uploads: UploadsDep,
    appends: AppendsDep,
    language: RequestLanguage,
    idempotency_key: IdempotencyKey,
    batch_id: UUID,
) -> Envelope[FilesAppended]:
    """Append files as multipart/form-data, in any number of requests, side by side and through any gateway.

    The answer comes when all of the request's files are stored and recorded; one that is refused or breaks off appends
    nothing. With an Idempotency-Key it may be sent again until it is answered. Files that cannot be developed are
    recorded by name with the reason.
    """
    boundary = boundary_of(request.headers.get("content-type"))
    async with uploads.enter(request.state.upload):
        parts = read_parts(request.stream(), boundary)
        appended = await appends.append(str(batch_id), parts, idempotency_key)
    return Envelope(data=FilesAppended.of(appended.append, appended.received_images, language))


@router.post("/batch/{batch_id}/missing", summary="Which files a draft does not hold / 아직 올라오지 않은 파일")
@raises(DraftCode.DRAFT_NOT_FOUND, DraftCode.DRAFT_COMMITTED, DraftCode.DRAFT_EXPIRED)
async def find_missing(
    drafts: DraftsDep, batch_id: UUID, query: Annotated[MissingQuery, JSON_BODY, Body()]
) -> Envelope[FilesMissing]:
    """Go on with an upload that was cut off, from another machine too: say what you have, and send what is missing.

    Files are told apart by name and size. Of several that share both, the draft holds as many as were received.
    """
    draft = await drafts.find_open(str(batch_id))
    files = [OwnFile(file.name, file.size_bytes) for file in query.files]
    return Envelope(data=FilesMissing(missing=await missing_files(drafts.appends, draft.id, files)))


@router.post("/batch/{batch_id}/commit", summary="Make a draft a batch / 초안 확정")
@raises(
    DraftCode.DRAFT_NOT_FOUND,
    DraftCode.DRAFT_EMPTY,
    DraftCode.DRAFT_EXPIRED,
    UploadCode.NO_IMAGES,
    UploadCode.BACKLOG_TOO_OLD,
)
async def commit_draft(
    response: Response, commits: DraftCommitsDep, language: RequestLanguage, batch_id: UUID
) -> Envelope[BatchAccepted]:
    """Have everything that was appended developed as one batch, whose id is the draft's.

    What is appended at the same moment is either in the batch or refused. A commit may be repeated: there is one batch,
    and the answer is the same. A draft without any image is refused and stays open.
    """
    batch = await commits.commit(str(batch_id))
    response.headers["Content-Language"] = language
    return Envelope(data=BatchAccepted.of(batch, language))
