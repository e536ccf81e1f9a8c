"""Controls of a batch over HTTP: cancel, pause, resume, retry, delete."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.error_handlers import MAX_PROBLEMS
from services.gateway.answers.error_responses import error_responses
from services.gateway.answers.errors import ApiError, ErrorCode, quoted
from services.gateway.answers.recipe_codes import RecipeCode
from services.gateway.answers.request_body import small_body
from services.gateway.answers.request_codes import RequestCode
from services.gateway.answers.schemas import BatchDeleted, BatchStatus, Envelope
from services.gateway.batches.inline_recipe import recipe_refusal
from services.gateway.batches.recipe_book import RecipeChoice
from services.gateway.routes.dependencies import ControlsDep, RecipesDep
from services.gateway.routes.recipe_schemas import RECIPE_REFERENCE
from shared.recipes import MAX_RECIPE_BYTES, Recipe, recipe_problems

MAX_RETRY_BYTES = MAX_RECIPE_BYTES + 1024

router = APIRouter(prefix="/pipeline/batch/{batch_id}", tags=["controls"])

_RETRY_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "recipe": {
                            "type": "string",
                            "description": "The name of a built-in or stored recipe for this time; without it and "
                            "without `options` the batch's own recipe is used again.",
                        },
                        "options": {
                            "allOf": [RECIPE_REFERENCE],
                            "description": "A recipe of your own for this time, instead of a name.",
                        },
                    },
                },
                "example": {"recipe": "web-webp"},
            }
        },
    }
}


class RetryRequest(BaseModel):
    """What the body of a retry may say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: str = ""
    """The name of another recipe; the batch's own if empty."""

    options: Recipe | None = None
    """Another recipe itself."""


def _errors(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    return error_responses(
        BatchCode.BATCH_NOT_FOUND, *codes, BatchCode.BATCH_ID_MALFORMED, RequestCode.TEMPORARILY_UNAVAILABLE
    )


_HAS_ENDED = _errors(BatchCode.BATCH_FINISHED, BatchCode.BATCH_STOPPING)


@router.post("/cancel", summary="Cancel a batch / 배치 취소", responses=_HAS_ENDED)
async def cancel_batch(controls: ControlsDep, batch_id: UUID) -> Envelope[BatchStatus]:
    """Stop a batch for good: within two seconds nothing more of it is begun, and it ends as REVOKED.

    Images in development are finished and count; all others are revoked. `stop_reason` is set at once, `status` when
    the batch has ended: as a rule a second or two later, but not before its last image in development is done.
    Repeating it changes nothing. `retry` develops the revoked images after all. A batch that its failure threshold
    stops already is refused as `batch_stopping`: it ends as FAILURE.
    """
    return Envelope(data=BatchStatus.of(await controls.cancel(str(batch_id))))


@router.post("/pause", summary="Pause a batch / 배치 일시 정지", responses=_HAS_ENDED)
async def pause_batch(controls: ControlsDep, batch_id: UUID) -> Envelope[BatchStatus]:
    """Hold a batch: within two seconds nothing more of it is begun; images in development are finished.

    `status` stays as it is and `paused` becomes true. Repeating it changes nothing.
    """
    return Envelope(data=BatchStatus.of(await controls.pause(str(batch_id))))


@router.post("/resume", summary="Resume a batch / 배치 재개", responses=_HAS_ENDED)
async def resume_batch(controls: ControlsDep, batch_id: UUID) -> Envelope[BatchStatus]:
    """Go on with a paused batch. One that is not paused is answered as it is."""
    return Envelope(data=BatchStatus.of(await controls.resume(str(batch_id))))


@router.post(
    "/retry",
    summary="Retry failed images / 실패한 이미지 재시도",
    openapi_extra=_RETRY_BODY,
    responses=_errors(
        BatchCode.BATCH_RUNNING,
        BatchCode.BATCH_STOPPING,
        BatchCode.NOTHING_TO_RETRY,
        RecipeCode.RECIPE_UNKNOWN,
        RecipeCode.RECIPE_AND_OPTIONS,
        RecipeCode.RECIPE_INVALID,
        RequestCode.INVALID_REQUEST,
        RequestCode.REQUEST_TOO_LARGE,
        RequestCode.BODY_INCOMPLETE,
        RequestCode.UPLOAD_STALLED,
    ),
)
async def retry_batch(
    request: Request,
    controls: ControlsDep,
    recipes: RecipesDep,
    batch_id: UUID,
    recipe: Annotated[
        str, Query(max_length=64, description="What is made of the images this time; a recipe in the body counts more.")
    ] = "",
) -> Envelope[BatchStatus]:
    """Develop the images of a finished batch that failed or were revoked once more; completed ones are kept.

    Nothing is uploaded again. The batch keeps its id and is PENDING again, one `generation` further. While that goes
    on, repeating it changes nothing; with another recipe it is refused as `batch_running`.
    """
    choice = await _choice(request, recipe)
    chosen = await recipes.chosen(choice) if choice else None
    return Envelope(data=BatchStatus.of(await controls.retry(str(batch_id), chosen)))


@router.delete("", summary="Delete a batch / 배치 삭제", responses=_errors(BatchCode.BATCH_RUNNING))
async def delete_batch(controls: ControlsDep, batch_id: UUID) -> Envelope[BatchDeleted]:
    """Remove a batch with its originals, prints and documents; one that is running is to be cancelled first.

    A cancelled one need not have ended: images still in development are then of no use to anybody, and go as well.
    It is a 404 from then on, its event streams end, and its Idempotency-Key is free again. Removing what is stored goes
    on after the answer. For ten minutes a repeated DELETE is answered in the same way; then the id is unknown.
    """
    batch = await controls.delete(str(batch_id))
    return Envelope(data=BatchDeleted(batch_id=batch.id))


async def _choice(request: Request, in_query: str) -> RecipeChoice | None:
    body = await small_body(request, MAX_RETRY_BYTES)
    asked = _asked(body) if body.strip() else RetryRequest()
    name = asked.recipe.strip() or in_query.strip()
    if asked.options is None:
        return name or None
    if name:
        raise ApiError(RecipeCode.RECIPE_AND_OPTIONS)
    return asked.options


def _asked(body: bytes) -> RetryRequest:
    try:
        return RetryRequest.model_validate_json(body)
    except ValidationError as error:
        if in_options := recipe_problems(error, under=("options",)):
            raise recipe_refusal(in_options) from None
        problems = [
            {"field": quoted(".".join(map(str, ("body", *found["loc"])))), "problem": quoted(found["msg"])}
            for found in error.errors()[:MAX_PROBLEMS]
        ]
        raise ApiError(RequestCode.INVALID_REQUEST, details=problems) from None
