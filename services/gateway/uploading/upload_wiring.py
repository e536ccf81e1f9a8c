"""What takes uploads and drafts, put together from ports and settings."""

from datetime import timedelta

from services.gateway.answers.draft_codes import DraftCode
from services.gateway.background.backlog import Backlog
from services.gateway.background.relay import Relay
from services.gateway.batches.recipe_book import RecipeBook
from services.gateway.settings import GatewaySettings
from services.gateway.uploading.appends import Appends
from services.gateway.uploading.draft_commits import DraftCommits
from services.gateway.uploading.draft_keeper import DraftKeeper
from services.gateway.uploading.drafts import Drafts
from services.gateway.uploading.incoming_file import FileLimits
from services.gateway.uploading.received_parts import UploadLimits
from services.gateway.uploading.submission_form import ChunkSizes
from services.gateway.uploading.submissions import Submissions
from services.gateway.uploading.upload_marker import RENEWALS_SHARE
from shared.ports import Ports
from shared.running.clock import Clock


def wire_submissions(
    ports: Ports, settings: GatewaySettings, recipes: RecipeBook, relay: Relay, backlog: Backlog, clock: Clock
) -> Submissions:
    """What takes whole uploads."""
    return Submissions(
        batches=ports.batches,
        manifests=ports.manifests,
        objects=ports.objects,
        recipes=recipes,
        relay=relay,
        backlog=backlog,
        clock=clock,
        marker_renewal_seconds=settings.stale_upload_seconds * RENEWALS_SHARE,
        limits=UploadLimits(settings.max_files, _file_limits(settings)),
        chunk_sizes=_chunk_sizes(settings),
    )


def wire_drafts(ports: Ports, settings: GatewaySettings, recipes: RecipeBook, clock: Clock) -> Drafts:
    """What begins drafts and gives them up."""
    lifetime = timedelta(seconds=settings.draft_expiry_seconds)
    return Drafts(ports.drafts, ports.appends, ports.batches, recipes, clock, _chunk_sizes(settings), lifetime)


def wire_appends(ports: Ports, settings: GatewaySettings, drafts: Drafts, clock: Clock) -> Appends:
    """What takes files for drafts."""
    limits = UploadLimits(settings.append_max_files, _file_limits(settings), DraftCode.APPEND_TOO_MANY_FILES)
    return Appends(drafts, ports.appends, ports.objects, clock, limits, settings.max_files)


def wire_draft_commits(ports: Ports, relay: Relay, backlog: Backlog, clock: Clock) -> DraftCommits:
    """What makes batches of drafts."""
    return DraftCommits(ports.drafts, ports.appends, ports.batches, ports.manifests, relay, backlog, clock)


def wire_draft_keeper(ports: Ports, settings: GatewaySettings, commits: DraftCommits, clock: Clock) -> DraftKeeper:
    """What removes expired drafts, and finishes commits that were cut off."""
    return DraftKeeper(
        ports.drafts,
        ports.appends,
        ports.objects,
        commits,
        clock,
        sweep_seconds=settings.janitor_sweep_seconds,
        tombstone_seconds=settings.tombstone_seconds,
        expiry_seconds=settings.draft_expiry_seconds,
    )


def _file_limits(settings: GatewaySettings) -> FileLimits:
    return FileLimits(small_bytes=settings.small_file_bytes, max_bytes=settings.max_file_bytes)


def _chunk_sizes(settings: GatewaySettings) -> ChunkSizes:
    return ChunkSizes(default=settings.chunk_size, limit=settings.max_chunk_size)
