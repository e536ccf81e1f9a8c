"""The documents that hold the truth: batches, manifest pages, chunks, workers, recipes, and how they may change.

Every change of a batch or a chunk is a pure method here. Adapters store what the methods return, so the
in-memory and the MongoDB stores cannot drift apart in meaning.
"""

from shared.documents.batch import Batch
from shared.documents.batch_record import FINISHED, Status, StopReason
from shared.documents.chunk import (
    REVOKED,
    Chunk,
    ChunkTotals,
    Folding,
    Outcome,
    Print,
    SealedChunks,
    chunk_id,
)
from shared.documents.failure_threshold import DEFAULT_FAILURE_SAMPLE, FailureThreshold
from shared.documents.keys import (
    STORE_MARKER_KEY,
    UPLOADS_PREFIX,
    marked_batch_id,
    original_key,
    originals_prefix,
    print_key,
    results_prefix,
    upload_marker_key,
)
from shared.documents.manifest import MANIFEST_PAGE_IMAGES, ManifestEntry, ManifestPage, UnfitReason
from shared.documents.original import ColourShare, ExifValue, FoundValue, Original, Place, Quality, Readings
from shared.documents.priority import PRIORITIES, Priority
from shared.documents.stored_recipe import StoredRecipe
from shared.documents.worker import WorkerRecord

__all__ = [
    "DEFAULT_FAILURE_SAMPLE",
    "FINISHED",
    "MANIFEST_PAGE_IMAGES",
    "PRIORITIES",
    "REVOKED",
    "STORE_MARKER_KEY",
    "UPLOADS_PREFIX",
    "Batch",
    "Chunk",
    "ChunkTotals",
    "ColourShare",
    "ExifValue",
    "FailureThreshold",
    "Folding",
    "FoundValue",
    "ManifestEntry",
    "ManifestPage",
    "Original",
    "Outcome",
    "Place",
    "Print",
    "Priority",
    "Quality",
    "Readings",
    "SealedChunks",
    "Status",
    "StopReason",
    "StoredRecipe",
    "UnfitReason",
    "WorkerRecord",
    "chunk_id",
    "marked_batch_id",
    "original_key",
    "originals_prefix",
    "print_key",
    "results_prefix",
    "upload_marker_key",
]
