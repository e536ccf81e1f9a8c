"""The gateway's parts: each says what it is made of, and is made once when it is first asked for."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.built_page import BuiltPage
from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.proof_codes import ProofCode
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.background.backlog import Backlog
from services.gateway.background.dead_letter_queues import DeadLetterQueues
from services.gateway.background.janitor import Janitor
from services.gateway.background.relay import Relay
from services.gateway.background.system_figures import SystemFigures
from services.gateway.background.waiting_ages import WaitingAges
from services.gateway.batches.batch_changes import BatchChanges
from services.gateway.batches.batch_list import BatchList
from services.gateway.batches.controls import Controls
from services.gateway.batches.followers import Followers
from services.gateway.batches.predicted_costs import PredictedCosts
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
from services.gateway.uploading.incoming_file import FileLimits
from services.gateway.uploading.proof_parts import ProofParts
from services.gateway.uploading.proofs import Proofs
from services.gateway.uploading.received_parts import UploadLimits
from services.gateway.uploading.submission_form import ChunkSizes
from services.gateway.uploading.submissions import Submissions
from services.gateway.uploading.upload_marker import RENEWALS_SHARE
from shared.ports import Ports
from shared.running.clock import Clock, utc_now
from shared.running.lifecycle import Readiness, Stopping

PROOF_PATIENCE_SECONDS = 5.0
"""How long a request for a proof waits for its turn."""


@dataclass(frozen=True)
class GatewayParts:
    """The parts of one gateway, all from the same ports and settings. Making one starts nothing."""

    ports: Ports
    settings: GatewaySettings
    readiness: Readiness
    stopping: Stopping
    clock: Clock = utc_now
    page: BuiltPage = field(default_factory=BuiltPage)
    followers: Followers = field(default_factory=Followers)

    @cached_property
    def backlog(self) -> Backlog:
        return Backlog(self.clock, self.settings.max_backlog_seconds, self.readiness)

    @cached_property
    def relay(self) -> Relay:
        ports = self.ports
        return Relay(ports.batches, ports.publisher, self.clock, self.settings.relay_sweep_seconds, self.backlog)

    @cached_property
    def janitor(self) -> Janitor:
        return Janitor(
            self.ports,
            self.clock,
            sweep_seconds=self.settings.janitor_sweep_seconds,
            tombstone_seconds=self.settings.tombstone_seconds,
            stale_upload_seconds=self.settings.stale_upload_seconds,
        )

    @cached_property
    def dead_letters(self) -> DeadLetterQueues:
        return DeadLetterQueues(self.ports.queue_depths, self.ports.dead_letters)

    @cached_property
    def system(self) -> SystemFigures:
        ages = WaitingAges(self.ports.chunks, self.ports.batches, self.clock)
        return SystemFigures(
            self.ports, self.settings, self.readiness, self.stopping, self.backlog, self.page, ages, self.clock
        )

    @cached_property
    def batch_list(self) -> BatchList:
        return BatchList(self.ports.batches)

    @cached_property
    def recipes(self) -> RecipeBook:
        return RecipeBook(self.ports.recipes, self.clock, self.settings.max_recipes)

    @cached_property
    def costs(self) -> PredictedCosts:
        return PredictedCosts(self.ports.cost_models)

    @cached_property
    def controls(self) -> Controls:
        ports = self.ports
        return Controls(ports.batches, ports.publisher, ports.statistics, self.relay, self.janitor, self.clock)

    @cached_property
    def statistics(self) -> Statistics:
        return Statistics(self.ports.statistics, self.clock)

    @cached_property
    def feed(self) -> ProgressFeed:
        return ProgressFeed(
            self.ports.batches,
            interval_seconds=self.settings.snapshot_interval_seconds,
            refresh_seconds=self.settings.watch_refresh_seconds,
        )

    @cached_property
    def changes(self) -> BatchChanges:
        return BatchChanges(
            self.ports.batches,
            self.followers,
            self.clock,
            interval_seconds=self.settings.changes_interval_seconds,
            refresh_seconds=self.settings.watch_refresh_seconds,
        )

    @cached_property
    def hints(self) -> ProgressHints:
        return ProgressHints(self.ports.subscriber, (self.feed.note, self.changes.note))

    @cached_property
    def socket_places(self) -> SocketPlaces:
        return SocketPlaces(self.settings.max_connections // 2)  # the other half stays for requests

    @cached_property
    def downloads(self) -> ConcurrencyLimit:
        patience_seconds = self.settings.download_idle_timeout_seconds
        return ConcurrencyLimit(self.settings.concurrent_downloads, patience_seconds, BatchCode.TOO_MANY_DOWNLOADS)

    @cached_property
    def images(self) -> Images:
        return Images(self.ports.manifests, self.ports.chunks.overlapping)

    @cached_property
    def tiles(self) -> Images:
        return Images(self.ports.manifests, self.ports.chunks.sketched)  # without readings of kilobytes an image

    @cached_property
    def failure_causes(self) -> FailureCauses:
        return FailureCauses(self.ports.chunks, self.tiles)

    @cached_property
    def near_duplicates(self) -> NearDuplicateSearch:
        return NearDuplicateSearch(self.images)

    @cached_property
    def archives(self) -> Archives:
        return Archives(BatchImages(self.ports.batches, self.images), self.ports.objects)

    @cached_property
    def contact_sheets(self) -> ContactSheets:
        return ContactSheets(BatchImages(self.ports.batches, self.images), self.ports.objects)

    @cached_property
    def uploads(self) -> ConcurrencyLimit:
        patience_seconds = self.settings.upload_idle_timeout_seconds
        return ConcurrencyLimit(self.settings.concurrent_uploads, patience_seconds, UploadCode.TOO_MANY_UPLOADS)

    @property
    def _file_limits(self) -> FileLimits:
        return FileLimits(self.settings.small_file_bytes, self.settings.max_file_bytes)

    @property
    def _chunk_sizes(self) -> ChunkSizes:
        return ChunkSizes(self.settings.chunk_size, self.settings.max_chunk_size)

    @cached_property
    def submissions(self) -> Submissions:
        return Submissions(
            batches=self.ports.batches,
            manifests=self.ports.manifests,
            objects=self.ports.objects,
            recipes=self.recipes,
            costs=self.costs,
            relay=self.relay,
            backlog=self.backlog,
            clock=self.clock,
            marker_renewal_seconds=self.settings.stale_upload_seconds * RENEWALS_SHARE,
            limits=UploadLimits(self.settings.max_files, self._file_limits),
            chunk_sizes=self._chunk_sizes,
        )

    @cached_property
    def drafts(self) -> Drafts:
        ports, lifetime = self.ports, timedelta(seconds=self.settings.draft_expiry_seconds)
        return Drafts(ports.drafts, ports.appends, ports.batches, self.recipes, self.clock, self._chunk_sizes, lifetime)

    @cached_property
    def appends(self) -> Appends:
        ports, settings = self.ports, self.settings
        limits = UploadLimits(settings.append_max_files, self._file_limits, DraftCode.APPEND_TOO_MANY_FILES)
        return Appends(self.drafts, ports.appends, ports.objects, self.clock, limits, settings.max_files)

    @cached_property
    def draft_commits(self) -> DraftCommits:
        ports = self.ports
        stores = ports.drafts, ports.appends, ports.batches, ports.manifests
        return DraftCommits(*stores, self.costs, self.relay, self.backlog, self.clock)

    @cached_property
    def draft_keeper(self) -> DraftKeeper:
        return DraftKeeper(
            self.ports.drafts,
            self.ports.appends,
            self.ports.objects,
            self.draft_commits,
            self.clock,
            sweep_seconds=self.settings.janitor_sweep_seconds,
            tombstone_seconds=self.settings.tombstone_seconds,
            expiry_seconds=self.settings.draft_expiry_seconds,
        )

    @cached_property
    def proofs(self) -> Proofs:
        ports, settings, submissions = self.ports, self.settings, self.submissions
        return Proofs(
            replace(submissions, limits=replace(submissions.limits, max_files=1)),  # a proof is of one image
            ProofParts(ports.batches, ports.manifests, ports.objects),
            ports.batches,
            self.feed,
            self.janitor,
            self.clock,
            ConcurrencyLimit(settings.concurrent_proofs, PROOF_PATIENCE_SECONDS, ProofCode.TOO_MANY_PROOFS),
            wait_seconds=settings.proof_wait_seconds,
            expiry_seconds=settings.proof_expiry_seconds,
        )
