"""The documents that hold the truth: drafts, batches, manifest pages, chunks, workers, recipes, and their changes.

Beside them are those that charts are drawn from: what workers did, and how batches ended.

Every change of a batch or a chunk is a pure method here. Adapters store what the methods return, so the
in-memory and the MongoDB stores cannot drift apart in meaning.
"""

from shared.documents.batch import Batch
from shared.documents.batch_facts import FACTS_KEPT_SECONDS, BatchFacts, FactSums
from shared.documents.batch_filter import EVERY_BATCH, BatchFilter, name_key
from shared.documents.batch_record import (
    DEFAULT_FAILURE_SAMPLE,
    FINISHED,
    FailureThreshold,
    Status,
    StopReason,
)
from shared.documents.certainty import CERTAINTY_ID, Certainty, Mark
from shared.documents.chunk import (
    MAX_STAGES,
    REVOKED,
    SUPPOSED_IMAGE_MS,
    Chunk,
    ChunkTotals,
    Outcome,
    Print,
    SealedChunks,
    StageTimes,
    chunk_id,
)
from shared.documents.chunk_summary import ChunkSummary
from shared.documents.cost_model import COST_MODELS_KEPT_SECONDS, CostModel
from shared.documents.document import PRIORITIES, Priority
from shared.documents.draft import Append, AppendedFiles, Draft, DraftState, DraftTotals
from shared.documents.failure_counts import UNRECORDED, FailureCounts, accounted, failure_counts, summed
from shared.documents.folding import Folding
from shared.documents.held_chunks import HeldChunks
from shared.documents.manifest import MANIFEST_PAGE_IMAGES, ManifestEntry, ManifestPage, UnfitReason
from shared.documents.original import ColourShare, ExifValue, FoundValue, Original, Place, Quality, Readings
from shared.documents.partial_retry import MAX_CODES, MAX_INDEXES, PartialRetry, Selection
from shared.documents.present_outcomes import outcomes_before, present_outcomes
from shared.documents.stored_recipe import StoredRecipe
from shared.documents.time_left import remaining_ms
from shared.documents.work_period import (
    DURATION_BUCKETS,
    PERIOD_SECONDS,
    WORK_KEPT_SECONDS,
    PeriodSeconds,
    WorkPeriod,
    WorkSums,
    duration_bucket,
    percentile_ms,
    period_start,
)
from shared.documents.worker import TAKES_EXPRESS, WorkerRecord

__all__ = [
    "CERTAINTY_ID",
    "COST_MODELS_KEPT_SECONDS",
    "DEFAULT_FAILURE_SAMPLE",
    "DURATION_BUCKETS",
    "EVERY_BATCH",
    "FACTS_KEPT_SECONDS",
    "FINISHED",
    "MANIFEST_PAGE_IMAGES",
    "MAX_CODES",
    "MAX_INDEXES",
    "MAX_STAGES",
    "PERIOD_SECONDS",
    "PRIORITIES",
    "REVOKED",
    "SUPPOSED_IMAGE_MS",
    "TAKES_EXPRESS",
    "UNRECORDED",
    "WORK_KEPT_SECONDS",
    "Append",
    "AppendedFiles",
    "Batch",
    "BatchFacts",
    "BatchFilter",
    "Certainty",
    "Chunk",
    "ChunkSummary",
    "ChunkTotals",
    "ColourShare",
    "CostModel",
    "Draft",
    "DraftState",
    "DraftTotals",
    "ExifValue",
    "FactSums",
    "FailureCounts",
    "FailureThreshold",
    "Folding",
    "FoundValue",
    "HeldChunks",
    "ManifestEntry",
    "ManifestPage",
    "Mark",
    "Original",
    "Outcome",
    "PartialRetry",
    "PeriodSeconds",
    "Place",
    "Print",
    "Priority",
    "Quality",
    "Readings",
    "SealedChunks",
    "Selection",
    "StageTimes",
    "Status",
    "StopReason",
    "StoredRecipe",
    "UnfitReason",
    "WorkPeriod",
    "WorkSums",
    "WorkerRecord",
    "accounted",
    "chunk_id",
    "duration_bucket",
    "failure_counts",
    "name_key",
    "outcomes_before",
    "percentile_ms",
    "period_start",
    "present_outcomes",
    "remaining_ms",
    "summed",
]
