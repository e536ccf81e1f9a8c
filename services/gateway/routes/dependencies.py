"""What routes can depend on: one part of the gateway each, so that a route's parameters say all that it reaches."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from starlette.requests import HTTPConnection

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.built_page import BuiltPage
from services.gateway.answers.errors import ErrorCode
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.background.backlog import Backlog
from services.gateway.background.dead_letter_queues import DeadLetterQueues
from services.gateway.background.system_figures import SystemFigures
from services.gateway.batches.batch_list import BatchList
from services.gateway.batches.controls import Controls
from services.gateway.batches.followers import Followers
from services.gateway.batches.lookup import find_batch
from services.gateway.batches.progress_feed import ProgressFeed
from services.gateway.batches.recipe_book import RecipeBook
from services.gateway.batches.statistics import Statistics
from services.gateway.collecting.archive import Archives
from services.gateway.collecting.contact_sheet import ContactSheets
from services.gateway.collecting.failure_causes import FailureCauses
from services.gateway.collecting.image_pages import ImageFilter, Images, OutcomeFilter
from services.gateway.collecting.near_duplicates import NearDuplicateSearch
from services.gateway.edge.concurrency_limit import ConcurrencyLimit
from services.gateway.edge.socket_places import SocketPlaces
from services.gateway.routes.documented_router import raises
from services.gateway.settings import GatewaySettings
from services.gateway.uploading.appends import Appends
from services.gateway.uploading.draft_commits import DraftCommits
from services.gateway.uploading.drafts import Drafts
from services.gateway.uploading.proofs import Proofs
from services.gateway.uploading.submissions import Submissions
from services.gateway.wiring import GatewayParts
from shared.documents import Batch
from shared.ports import BatchStore, ChunkReader, ObjectStore
from shared.running.clock import Clock
from shared.running.lifecycle import Readiness, Stopping

T = TypeVar("T")


def _part(read: Callable[[GatewayParts], T], *errors: ErrorCode) -> Any:
    # The common part of requests and WebSockets; a function that is not asynchronous would be called in a thread.
    @raises(*errors)
    async def dependency(connection: HTTPConnection) -> T:
        return read(connection.app.state.gateway)

    return Depends(dependency)


AppendsDep = Annotated[Appends, _part(lambda gateway: gateway.appends)]
ArchivesDep = Annotated[Archives, _part(lambda gateway: gateway.archives)]
BacklogDep = Annotated[Backlog, _part(lambda gateway: gateway.backlog)]
BatchListDep = Annotated[BatchList, _part(lambda gateway: gateway.batch_list)]
BatchesDep = Annotated[BatchStore, _part(lambda gateway: gateway.ports.batches)]
ChunksDep = Annotated[ChunkReader, _part(lambda gateway: gateway.ports.chunks)]
ClockDep = Annotated[Clock, _part(lambda gateway: gateway.clock)]
ContactSheetsDep = Annotated[ContactSheets, _part(lambda gateway: gateway.contact_sheets)]
ControlsDep = Annotated[Controls, _part(lambda gateway: gateway.controls, BatchCode.BATCH_NOT_FOUND)]
DeadLettersDep = Annotated[DeadLetterQueues, _part(lambda gateway: gateway.dead_letters)]
DownloadsDep = Annotated[ConcurrencyLimit, _part(lambda gateway: gateway.downloads, BatchCode.TOO_MANY_DOWNLOADS)]
DraftCommitsDep = Annotated[DraftCommits, _part(lambda gateway: gateway.draft_commits)]
DraftsDep = Annotated[Drafts, _part(lambda gateway: gateway.drafts)]
FailureCausesDep = Annotated[FailureCauses, _part(lambda gateway: gateway.failure_causes)]
FeedDep = Annotated[ProgressFeed, _part(lambda gateway: gateway.feed)]
FollowersDep = Annotated[Followers, _part(lambda gateway: gateway.followers)]
ImagesDep = Annotated[Images, _part(lambda gateway: gateway.images)]
NearDuplicatesDep = Annotated[NearDuplicateSearch, _part(lambda gateway: gateway.near_duplicates)]
ObjectsDep = Annotated[ObjectStore, _part(lambda gateway: gateway.ports.objects)]
ProofsDep = Annotated[Proofs, _part(lambda gateway: gateway.proofs)]
PageDep = Annotated[BuiltPage, _part(lambda gateway: gateway.page)]
ReadinessDep = Annotated[Readiness, _part(lambda gateway: gateway.readiness)]
RecipesDep = Annotated[RecipeBook, _part(lambda gateway: gateway.recipes)]
SettingsDep = Annotated[GatewaySettings, _part(lambda gateway: gateway.settings)]
SocketPlacesDep = Annotated[SocketPlaces, _part(lambda gateway: gateway.socket_places)]
StatisticsDep = Annotated[Statistics, _part(lambda gateway: gateway.statistics)]
StoppingDep = Annotated[Stopping, _part(lambda gateway: gateway.stopping)]
SubmissionsDep = Annotated[Submissions, _part(lambda gateway: gateway.submissions)]
SystemDep = Annotated[SystemFigures, _part(lambda gateway: gateway.system)]
TilesDep = Annotated[Images, _part(lambda gateway: gateway.tiles)]
UploadsDep = Annotated[ConcurrencyLimit, _part(lambda gateway: gateway.uploads, UploadCode.TOO_MANY_UPLOADS)]


@raises(BatchCode.BATCH_NOT_FOUND)
async def _found_batch(batches: BatchesDep, batch_id: UUID) -> Batch:
    return await find_batch(batches, str(batch_id))


Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
"""The length of a page."""

FoundBatch = Annotated[Batch, Depends(_found_batch)]
"""The batch in the address; one that is not there is a 404."""


async def _chosen_images(
    outcome: Annotated[OutcomeFilter | None, Query(description="Only images that ended so, or have not.")] = None,
    code: Annotated[
        str | None, Query(max_length=64, description="Only images that failed with this code.", examples=["unreadable"])
    ] = None,
) -> ImageFilter:
    return ImageFilter(outcome, code)


ChosenImages = Annotated[ImageFilter, Depends(_chosen_images)]
"""Which images of a batch are asked for."""
