"""The failures of a batch over HTTP, cause by cause."""

from fastapi import Request
from starlette.responses import Response

from services.gateway.answers.entity_tags import UNCHANGED, IfNoneMatch, batch_headers, not_modified
from services.gateway.answers.envelope import Envelope
from services.gateway.answers.language import RequestLanguage
from services.gateway.routes.dependencies import FailureCausesDep, FoundBatch
from services.gateway.routes.documented_router import DocumentedRouter
from services.gateway.routes.failure_schemas import FailureList

router = DocumentedRouter(prefix="/pipeline/batch/{batch_id}/failures", tags=["images"])


@router.get("", summary="Failures by cause / 원인별 실패", response_model=Envelope[FailureList], responses=UNCHANGED)
async def list_failures(
    request: Request,
    failure_causes: FailureCausesDep,
    language: RequestLanguage,
    batch: FoundBatch,
    _if_none_match: IfNoneMatch = None,
) -> Response:
    """How many images failed for which cause, and a few of them; together they are the batch's `failed_images`.

    `codes` of a retry takes the codes. The entity tag stays while the batch does.
    """
    headers = batch_headers(batch.version, language)
    if known := not_modified(request, headers):
        return known
    failures = FailureList.of(batch, await failure_causes.of(batch), language)
    return Response(Envelope(data=failures).model_dump_json(), headers=headers, media_type="application/json")
