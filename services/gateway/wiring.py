"""The gateway's parts, put together once for each process."""

from dataclasses import dataclass, replace

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.built_page import BuiltPage
from services.gateway.answers.proof_codes import ProofCode
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.background.backlog import Backlog
from services.gateway.background.dead_letter_queues import DeadLetterQueues
from services.gateway.background.janitor import Janitor
from services.gateway.background.relay import Relay
from services.gateway.background.system_figures import SystemFigures
from services.gateway.batches.batch_changes import BatchChanges
from services.gateway.batches.batch_list import BatchList
from services.gateway.batches.controls import Controls
from services.gateway.batches.followers import Followers
from services.gateway.batches.progress_feed import ProgressFeed
from services.gateway.batches.progress_hints import ProgressHints
from services.gateway.batches.recipe_book import RecipeBook
from services.gateway.batches.statistics import Statistics
from services.gateway.collecting.archive import Archives
from services.gateway.collecting.batch_images import BatchImages
from services.gateway.collecting.contact_sheet import ContactSheets
from services.gateway.collecting.failure_causes import FailureCauses
from services.gateway.collecting.image_pages import Images
from services.gateway.collecting.near_duplicates import NearDuplicateSearch
from services.gateway.edge.concurrency_limit import ConcurrencyLimit
from services.gateway.edge.socket_places import SocketPlaces
from services.gateway.settings import GatewaySettings
from services.gateway.uploading.appends import Appends
from services.gateway.uploading.draft_commits import DraftCommits
from services.gateway.uploading.draft_keeper import DraftKeeper
from services.gateway.uploading.drafts import Drafts
from services.gateway.uploading.proof_parts import ProofParts
from services.gateway.uploading.proofs import Proofs
from services.gateway.uploading.submissions import Submissions
from services.gateway.uploading.upload_wiring import (
    wire_appends,
    wire_draft_commits,
    wire_draft_keeper,
    wire_drafts,
    wire_submissions,
)
from shared.ports import BatchStore, ChunkReader, ObjectStore, Ports
from shared.running.clock import Clock, utc_now
from shared.running.lifecycle import Readiness, Stopping

PROOF_PATIENCE_SECONDS = 5.0
"""How long a request for a proof waits for its turn."""


@dataclass(frozen=True)
class CollectingParts:
    """What reads images of batches and their prints."""

    images: Images
    tiles: Images
    failure_causes: FailureCauses
    near_duplicates: NearDuplicateSearch
    archives: Archives
    contact_sheets: ContactSheets


@dataclass(frozen=True)
class LiveParts:
    """What follows batches while they change."""

    feed: ProgressFeed
    followers: Followers
    changes: BatchChanges
    hints: ProgressHints


@dataclass(frozen=True)
class GatewayParts:
    """The gateway's parts."""

    settings: GatewaySettings
    readiness: Readiness
    stopping: Stopping
    clock: Clock
    batches: BatchStore
    chunks: ChunkReader
    batch_list: BatchList
    objects: ObjectStore
    uploads: ConcurrencyLimit
    downloads: ConcurrencyLimit
    socket_places: SocketPlaces
    backlog: Backlog
    relay: Relay
    janitor: Janitor
    live: LiveParts
    system: SystemFigures
    dead_letters: DeadLetterQueues
    submissions: Submissions
    drafts: Drafts
    appends: Appends
    draft_commits: DraftCommits
    draft_keeper: DraftKeeper
    controls: Controls
    collecting: CollectingParts
    recipes: RecipeBook
    statistics: Statistics
    proofs: Proofs
    page: BuiltPage


def wire_gateway(
    ports: Ports, settings: GatewaySettings, readiness: Readiness, stopping: Stopping, clock: Clock = utc_now
) -> GatewayParts:
    """The gateway's parts, wired; nothing is running yet."""
    backlog = Backlog(clock, settings.max_backlog_seconds, readiness)
    relay = Relay(ports.batches, ports.publisher, clock, settings.relay_sweep_seconds, backlog)
    janitor = _janitor(ports, settings, clock)
    recipes = RecipeBook(ports.recipes, clock, settings.max_recipes)
    page = BuiltPage()
    drafts = wire_drafts(ports, settings, recipes, clock)
    draft_commits = wire_draft_commits(ports, relay, backlog, clock)
    live = _live(ports, settings, clock)
    submissions = wire_submissions(ports, settings, recipes, relay, backlog, clock)
    return GatewayParts(
        settings=settings,
        readiness=readiness,
        stopping=stopping,
        clock=clock,
        batches=ports.batches,
        chunks=ports.chunks,
        batch_list=BatchList(ports.batches),
        objects=ports.objects,
        uploads=_uploads(settings),
        downloads=_downloads(settings),
        socket_places=SocketPlaces(settings.max_connections // 2),
        backlog=backlog,
        relay=relay,
        janitor=janitor,
        live=live,
        system=SystemFigures(ports, settings, readiness, stopping, backlog, page, clock),
        dead_letters=DeadLetterQueues(ports.queue_depths, ports.dead_letters),
        submissions=submissions,
        drafts=drafts,
        appends=wire_appends(ports, settings, drafts, clock),
        draft_commits=draft_commits,
        draft_keeper=wire_draft_keeper(ports, settings, draft_commits, clock),
        controls=Controls(ports.batches, ports.publisher, ports.statistics, relay, janitor, clock),
        collecting=_collecting(ports),
        recipes=recipes,
        page=page,
        statistics=Statistics(ports.statistics, clock),
        proofs=_proofs(ports, settings, submissions, live.feed, janitor),
    )


def _uploads(settings: GatewaySettings) -> ConcurrencyLimit:
    patience_seconds = settings.upload_idle_timeout_seconds
    return ConcurrencyLimit(settings.concurrent_uploads, patience_seconds, UploadCode.TOO_MANY_UPLOADS)


def _downloads(settings: GatewaySettings) -> ConcurrencyLimit:
    patience_seconds = settings.download_idle_timeout_seconds
    return ConcurrencyLimit(settings.concurrent_downloads, patience_seconds, BatchCode.TOO_MANY_DOWNLOADS)


def _janitor(ports: Ports, settings: GatewaySettings, clock: Clock) -> Janitor:
    return Janitor(
        ports,
        clock,
        sweep_seconds=settings.janitor_sweep_seconds,
        tombstone_seconds=settings.tombstone_seconds,
        stale_upload_seconds=settings.stale_upload_seconds,
    )


def _proofs(
    ports: Ports, settings: GatewaySettings, submissions: Submissions, feed: ProgressFeed, janitor: Janitor
) -> Proofs:
    return Proofs(
        replace(submissions, limits=replace(submissions.limits, max_files=1)),
        ProofParts(ports.batches, ports.manifests, ports.objects),
        ports.batches,
        feed,
        janitor,
        submissions.clock,
        ConcurrencyLimit(settings.concurrent_proofs, PROOF_PATIENCE_SECONDS, ProofCode.TOO_MANY_PROOFS),
        wait_seconds=settings.proof_wait_seconds,
        expiry_seconds=settings.proof_expiry_seconds,
    )


def _collecting(ports: Ports) -> CollectingParts:
    images = Images(ports.manifests, ports.chunks.overlapping)
    tiles = Images(ports.manifests, ports.chunks.sketched)
    batch_images = BatchImages(ports.batches, images)
    return CollectingParts(
        images=images,
        tiles=tiles,
        failure_causes=FailureCauses(ports.chunks, tiles),
        near_duplicates=NearDuplicateSearch(images),
        archives=Archives(batch_images, ports.objects),
        contact_sheets=ContactSheets(batch_images, ports.objects),
    )


def _live(ports: Ports, settings: GatewaySettings, clock: Clock) -> LiveParts:
    followers = Followers()
    feed = ProgressFeed(
        ports.batches,
        interval_seconds=settings.snapshot_interval_seconds,
        refresh_seconds=settings.watch_refresh_seconds,
    )
    changes = BatchChanges(
        ports.batches,
        followers,
        clock,
        interval_seconds=settings.changes_interval_seconds,
        refresh_seconds=settings.watch_refresh_seconds,
    )
    return LiveParts(feed, followers, changes, ProgressHints(ports.subscriber, (feed.note, changes.note)))
