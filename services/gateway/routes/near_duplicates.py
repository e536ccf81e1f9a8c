"""Images of a batch that look alike, over HTTP."""

from typing import Annotated

from fastapi import Query

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.envelope import Envelope
from services.gateway.answers.language import RequestLanguage
from services.gateway.collecting.near_duplicates import MAX_BITS
from services.gateway.routes.dependencies import FoundBatch, NearDuplicatesDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from services.gateway.routes.image_schemas import NearDuplicates

router = DocumentedRouter(prefix="/pipeline/batch/{batch_id}/near-duplicates", tags=["images"])


@router.get("", summary="Images that look alike / 비슷한 이미지")
@raises(BatchCode.TOO_MANY_COMPARISONS)
async def list_near_duplicates(
    near_duplicates: NearDuplicatesDep,
    language: RequestLanguage,
    batch: FoundBatch,
    cursor: Annotated[str, Query(pattern=r"^[0-9]{0,9}$", description="`next_cursor` of the page before.")] = "",
    bits: Annotated[int, Query(ge=0, le=MAX_BITS, description="In how many of 64 bits hashes may differ.")] = 5,
) -> Envelope[NearDuplicates]:
    """Groups of completed images with nearly the same perceptual hash, where the recipe's readouts ask for hashes.

    Images whose hash is 0 are in no group: they grow darker nowhere to the right, such as pages of one colour.
    """
    found = await near_duplicates.find(batch, int(cursor or 0), bits)
    return Envelope(data=NearDuplicates.of(batch, found, language))
