"""The documents that hold the truth: drafts, batches, manifest pages, chunks, workers, recipes, and their changes.

Every change of a batch or a chunk is a pure method here. Adapters store what the methods return, so the
in-memory and the MongoDB stores cannot drift apart in meaning.
"""

from shared.documents.batch import Batch
from shared.documents.batch_filter import EVERY_BATCH, BatchFilter, name_key
from shared.documents.batch_record import (
    DEFAULT_FAILURE_SAMPLE,
    FINISHED,
    FailureThreshold,
    Status,
    StopReason,
)
from shared.documents.chunk import (
    MAX_STAGES,
    REVOKED,
    Chunk,
    ChunkTotals,
    Folding,
    Outcome,
    Print,
    SealedChunks,
    StageTimes,
    chunk_id,
)
from shared.documents.document import PRIORITIES, Priority
from shared.documents.draft import Append, Draft, DraftState, DraftTotals
from shared.documents.failure_counts import UNRECORDED, FailureCounts, accounted, summed
from shared.documents.manifest import MANIFEST_PAGE_IMAGES, ManifestEntry, ManifestPage, UnfitReason
from shared.documents.original import ColourShare, ExifValue, FoundValue, Original, Place, Quality, Readings
from shared.documents.partial_retry import MAX_CODES, MAX_INDEXES, PartialRetry, Selection
from shared.documents.present_outcomes import outcomes_before, present_outcomes
from shared.documents.stored_recipe import StoredRecipe
from shared.documents.worker import WorkerRecord

__all__ = [
    "DEFAULT_FAILURE_SAMPLE",
    "EVERY_BATCH",
    "FINISHED",
    "MANIFEST_PAGE_IMAGES",
    "MAX_CODES",
    "MAX_INDEXES",
    "MAX_STAGES",
    "PRIORITIES",
    "REVOKED",
    "UNRECORDED",
    "Append",
    "Batch",
    "BatchFilter",
    "Chunk",
    "ChunkTotals",
    "ColourShare",
    "Draft",
    "DraftState",
    "DraftTotals",
    "ExifValue",
    "FailureCounts",
    "FailureThreshold",
    "Folding",
    "FoundValue",
    "ManifestEntry",
    "ManifestPage",
    "Original",
    "Outcome",
    "PartialRetry",
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
    "WorkerRecord",
    "accounted",
    "chunk_id",
    "name_key",
    "outcomes_before",
    "present_outcomes",
    "summed",
]
