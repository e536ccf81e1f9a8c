"""Controls of a batch over HTTP: cancel, pause, resume, retry, change its priority, delete."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.envelope import Envelope
from services.gateway.answers.errors import ApiError
from services.gateway.answers.json_body import JSON_BODY
from services.gateway.answers.recipe_codes import CHOICE_ERRORS, RecipeCode
from services.gateway.answers.schemas import BatchDeleted, BatchStatus
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.batches.inline_recipe import InlineRecipe
from services.gateway.batches.recipe_book import RecipeChoice
from services.gateway.collecting.selections import find_selection
from services.gateway.routes.dependencies import BatchesDep, ControlsDep, DraftsDep, ImagesDep, RecipesDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from shared.documents import MAX_CODES, MAX_INDEXES, PRIORITIES, Priority

router = DocumentedRouter(prefix="/pipeline/batch/{batch_id}", tags=["controls"])


def _none_if_empty(value: object) -> object:
    return None if value == {} else value


_Code = Annotated[str, Field(min_length=1, max_length=64)]
# Strict, because `true` would be image 1.
_Index = Annotated[int, Field(ge=0, strict=True)]


class RetryRequest(BaseModel):
    """Which images of a batch are retried, and by which recipe: all that failed or were revoked, by its own."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"recipe": "web-webp", "codes": ["timeout"]}]},
    )

    recipe: str = ""
    """The name of a built-in or stored recipe for this time."""

    options: Annotated[InlineRecipe | None, BeforeValidator(_none_if_empty)] = None
    """A recipe of your own for this time, instead of a name."""

    codes: Annotated[tuple[_Code, ...], Field(min_length=1, max_length=MAX_CODES)] | None = None
    """Failure codes: of the images that failed or were revoked, only those with one of these are developed again.
    `revoked` is the code of revoked ones. `failure_codes` of the batch says which there are."""

    indexes: Annotated[tuple[_Index, ...], Field(min_length=1, max_length=MAX_INDEXES)] | None = None
    """Places in the upload, from 0: these images are developed again whatever has become of them, as when a print is
    missing or damaged, and no others but those with one of the `codes`."""

    def choice(self, in_query: str) -> RecipeChoice | None:
        """What is asked for here, or in the query."""
        name = self.recipe.strip() or in_query.strip()
        if self.options is None:
            return name or None
        if name:
            raise ApiError(RecipeCode.RECIPE_AND_OPTIONS)
        return self.options


def _known(value: object, check: ValidatorFunctionWrapHandler) -> object:
    try:
        return check(value)
    except ValidationError:
        details = {"choices": list(PRIORITIES)}
        raise ApiError(UploadCode.PRIORITY_UNKNOWN, details=details, choices=", ".join(PRIORITIES)) from None


class PriorityRequest(BaseModel):
    """The lane that a batch is to move to."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"priority": "high"}]},
    )

    priority: Annotated[Priority, WrapValidator(_known)]
    """While all wait, a high batch gets twice the share of a normal one, and a low batch half of it."""


_HAS_ENDED = raises(BatchCode.BATCH_FINISHED, BatchCode.BATCH_STOPPING)


@router.post("/cancel", summary="Cancel a batch / 배치 취소")
@_HAS_ENDED
async def cancel_batch(controls: ControlsDep, batch_id: UUID) -> Envelope[BatchStatus]:
    """Stop a batch for good: within two seconds nothing more of it is begun, and it ends as REVOKED.

    Images in development are finished and count; all others are revoked. `stop_reason` is set at once, `status` when
    the batch has ended: as a rule a second or two later, but not before its last image in development is done.
    Repeating it changes nothing. `retry` develops the revoked images after all. A batch that its failure threshold
    stops already is refused as `batch_stopping`: it ends as FAILURE.
    """
    return Envelope(data=BatchStatus.of(await controls.cancel(str(batch_id))))


@router.post("/pause", summary="Pause a batch / 배치 일시 정지")
@_HAS_ENDED
async def pause_batch(controls: ControlsDep, batch_id: UUID) -> Envelope[BatchStatus]:
    """Hold a batch: within two seconds nothing more of it is begun; images in development are finished.

    `status` stays as it is and `paused` becomes true. Repeating it changes nothing.
    """
    return Envelope(data=BatchStatus.of(await controls.pause(str(batch_id))))


@router.post("/resume", summary="Resume a batch / 배치 재개")
@_HAS_ENDED
async def resume_batch(controls: ControlsDep, batch_id: UUID) -> Envelope[BatchStatus]:
    """Go on with a paused batch. One that is not paused is answered as it is."""
    return Envelope(data=BatchStatus.of(await controls.resume(str(batch_id))))


@router.post("/priority", summary="Change a batch's priority / 배치 우선순위 변경")
@raises(BatchCode.BATCH_FINISHED, BatchCode.BATCH_STOPPING, UploadCode.PRIORITY_UNKNOWN)
async def change_priority(
    controls: ControlsDep, batch_id: UUID, body: Annotated[PriorityRequest, JSON_BODY, Body()]
) -> Envelope[BatchStatus]:
    """Have a batch that has not ended go on in another lane, also a paused one or one that has not begun.

    It acts within two seconds: chunks that workers are about to take keep the lane in which they were published.
    Repeating it changes nothing.
    """
    return Envelope(data=BatchStatus.of(await controls.change_priority(str(batch_id), body.priority)))


@router.post("/retry", summary="Retry failed images / 실패한 이미지 재시도")
@raises(
    *CHOICE_ERRORS,
    BatchCode.BATCH_RUNNING,
    BatchCode.BATCH_STOPPING,
    BatchCode.NOTHING_TO_RETRY,
    BatchCode.IMAGE_NOT_FOUND,
    BatchCode.TOO_MANY_INDEXES,
    BatchCode.FAILURE_CODE_UNKNOWN,
    BatchCode.FAILURE_CODES_UNRECORDED,
)
async def retry_batch(
    controls: ControlsDep,
    recipes: RecipesDep,
    batches: BatchesDep,
    images: ImagesDep,
    batch_id: UUID,
    recipe: Annotated[
        str,
        Query(
            max_length=64,
            description="What is made of the images this time; `recipe` in the body counts more, `options` exclude it.",
        ),
    ] = "",
    body: Annotated[RetryRequest | None, JSON_BODY, Body()] = None,
) -> Envelope[BatchStatus]:
    """Develop the images of a finished batch that failed or were revoked once more; completed ones are kept.

    With `codes` or `indexes` only the images that these name are, completed ones among them: until then they are
    pending, and have no prints. All others keep what has become of them, and go on counting. Nothing is uploaded again.
    The batch keeps its id and is PENDING again, one `generation` further. While that goes on, repeating it changes
    nothing; of other images or by another recipe it is refused as `batch_running`.
    """
    asked = body or RetryRequest()
    choice = asked.choice(recipe)
    chosen = await recipes.chosen(choice) if choice else None
    selection = await find_selection(batches, images, str(batch_id), asked.codes or (), asked.indexes or ())
    return Envelope(data=BatchStatus.of(await controls.retry(str(batch_id), chosen, selection)))


@router.delete("", summary="Delete a batch / 배치 삭제")
@raises(BatchCode.BATCH_RUNNING, DraftCode.DRAFT_COMMITTED)
async def delete_batch(controls: ControlsDep, drafts: DraftsDep, batch_id: UUID) -> Envelope[BatchDeleted]:
    """Remove a batch with its originals, prints and documents; one that is running is to be cancelled first.

    A cancelled one need not have ended: images still in development are then useless, and are removed as well.
    It is a 404 from then on, its event streams end, and its Idempotency-Key is free again. Removing what is stored goes
    on after the answer. For ten minutes a repeated DELETE is answered in the same way; then the id is unknown.
    A draft is given up in the same way.
    """
    if not await drafts.give_up(str(batch_id)):
        await controls.delete(str(batch_id))
    return Envelope(data=BatchDeleted(batch_id=str(batch_id)))
