"""What routes can depend on: one part of the gateway each, so that a route's parameters say all that it reaches."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request

from services.gateway.answers.built_page import BuiltPage
from services.gateway.background.backlog import Backlog
from services.gateway.batches.batch_list import BatchList
from services.gateway.batches.controls import Controls
from services.gateway.batches.lookup import find_batch
from services.gateway.batches.progress_feed import ProgressFeed
from services.gateway.batches.recipe_book import RecipeBook
from services.gateway.collecting.archive import Archives
from services.gateway.collecting.contact_sheet import ContactSheets
from services.gateway.collecting.failure_causes import FailureCauses
from services.gateway.collecting.image_pages import ImageFilter, Images, OutcomeFilter
from services.gateway.collecting.near_duplicates import NearDuplicateSearch
from services.gateway.edge.concurrency_limit import ConcurrencyLimit
from services.gateway.settings import GatewaySettings
from services.gateway.uploading.submissions import Submissions
from services.gateway.wiring import GatewayParts
from shared.documents import Batch
from shared.ports import BatchStore, ObjectStore, WorkerRegister
from shared.running.clock import Clock
from shared.running.lifecycle import Readiness, Stopping

T = TypeVar("T")


def _part(read: Callable[[GatewayParts], T]) -> Any:
    def dependency(request: Request) -> T:
        return read(request.app.state.gateway)

    return Depends(dependency)


ArchivesDep = Annotated[Archives, _part(lambda gateway: gateway.archives)]
BacklogDep = Annotated[Backlog, _part(lambda gateway: gateway.backlog)]
BatchListDep = Annotated[BatchList, _part(lambda gateway: gateway.batch_list)]
BatchesDep = Annotated[BatchStore, _part(lambda gateway: gateway.batches)]
ClockDep = Annotated[Clock, _part(lambda gateway: gateway.clock)]
ContactSheetsDep = Annotated[ContactSheets, _part(lambda gateway: gateway.contact_sheets)]
ControlsDep = Annotated[Controls, _part(lambda gateway: gateway.controls)]
DownloadsDep = Annotated[ConcurrencyLimit, _part(lambda gateway: gateway.downloads)]
FailureCausesDep = Annotated[FailureCauses, _part(lambda gateway: gateway.failure_causes)]
FeedDep = Annotated[ProgressFeed, _part(lambda gateway: gateway.feed)]
ImagesDep = Annotated[Images, _part(lambda gateway: gateway.images)]
NearDuplicatesDep = Annotated[NearDuplicateSearch, _part(lambda gateway: gateway.near_duplicates)]
ObjectsDep = Annotated[ObjectStore, _part(lambda gateway: gateway.objects)]
PageDep = Annotated[BuiltPage, _part(lambda gateway: gateway.page)]
ReadinessDep = Annotated[Readiness, _part(lambda gateway: gateway.readiness)]
RecipesDep = Annotated[RecipeBook, _part(lambda gateway: gateway.recipes)]
SettingsDep = Annotated[GatewaySettings, _part(lambda gateway: gateway.settings)]
StoppingDep = Annotated[Stopping, _part(lambda gateway: gateway.stopping)]
SubmissionsDep = Annotated[Submissions, _part(lambda gateway: gateway.submissions)]
TilesDep = Annotated[Images, _part(lambda gateway: gateway.tiles)]
UploadsDep = Annotated[ConcurrencyLimit, _part(lambda gateway: gateway.uploads)]
WorkersDep = Annotated[WorkerRegister, _part(lambda gateway: gateway.workers)]


async def _found_batch(batches: BatchesDep, batch_id: UUID) -> Batch:
    return await find_batch(batches, str(batch_id))


FoundBatch = Annotated[Batch, Depends(_found_batch)]
"""The batch in the address; one that is not there is a 404."""


def _chosen_images(
    outcome: Annotated[OutcomeFilter | None, Query(description="Only images that ended so, or have not.")] = None,
    code: Annotated[
        str | None, Query(max_length=64, description="Only images that failed with this code.", examples=["unreadable"])
    ] = None,
) -> ImageFilter:
    return ImageFilter(outcome, code)


ChosenImages = Annotated[ImageFilter, Depends(_chosen_images)]
"""Which images of a batch are asked for."""
