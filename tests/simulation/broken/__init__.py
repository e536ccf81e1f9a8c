"""Handlers that are broken on purpose, each in one way that the simulation must notice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from unittest.mock import patch

from tests.simulation.broken import chunkers, documents, gateways, trackers, workers
from tests.simulation.broken.acknowledging import batches_acked_first, each_acked_first
from tests.simulation.rules import UNFORESEEN
from tests.simulation.run import simulate

MAX_SEEDS = 1000
"""The rarest breakage shows in about one of a few hundred seeds."""

SEEDS_FILE = Path(__file__).with_name("seeds.json")
"""For each breakage a seed that caught it when it was last sought; `python -m tests.simulation.broken` writes it."""


@dataclass(frozen=True)
class Breakage:
    """A name to replace in the project, and what stands there instead."""

    target: str
    replacement: object

    def is_caught(self, seed: int) -> bool:
        """Whether the simulation notices it with this seed, and not only that it does not fit in any more."""
        with patch(self.target, self.replacement):
            breaches = simulate(seed).breaches
        return bool(breaches) and not any(breach.startswith(UNFORESEEN) for breach in breaches)


BROKEN: Mapping[str, Breakage] = {
    "the worker acknowledges before it develops": Breakage("services.worker.service.consume_each", each_acked_first),
    "the tracker acknowledges before it writes": Breakage(
        "services.tracker.service.consume_in_batches", batches_acked_first
    ),
    "the chunker acknowledges before it releases": Breakage(
        "services.chunker.service.consume_in_batches", batches_acked_first
    ),
    "the worker loses count of retries": Breakage("services.worker.service.WorkerHandlers", workers.ForgetfulHandlers),
    "the worker retries nothing": Breakage("services.worker.service.WorkerHandlers", workers.ImpatientHandlers),
    "the worker keeps chunks of resting batches": Breakage(
        "services.worker.service.WorkerHandlers", workers.KeepingHandlers
    ),
    "the worker develops what has an outcome": Breakage(
        "services.worker.chunks.work.ChunkWork.unfinished_indexes", property(workers.everything_again)
    ),
    "the worker forgets why a file is unfit": Breakage("services.worker.service.ImageDeveloper", workers.BlindImages),
    "the worker takes from the living": Breakage("services.worker.service.Claims", workers.ThoughtlessClaims),
    "the worker claims during a backoff": Breakage("services.worker.service.Claims", workers.HurriedClaims),
    "the worker renews no lease": Breakage("services.worker.service.Claims", workers.LapsingClaims),
    "the worker parts without keeping": Breakage("services.worker.service.Claims", workers.LosingClaims),
    "the worker leaves no word of its suspects": Breakage("services.worker.service.Claims", workers.UnremarkedSuspects),
    "the worker suspects for ever": Breakage("services.worker.service.Developing", workers.LastingSuspicion),
    "the worker suspects nobody": Breakage("services.worker.chunks.work.SUSPICIOUS_LOSSES", 1_000_000),
    "the worker never fails a killer": Breakage("services.worker.chunks.work.MAX_SUSPICIONS", 1_000_000),
    "the worker goes on with resting batches": Breakage("services.worker.service.Admission", workers.RestlessAdmission),
    "the worker begins what was stopped while it waited": Breakage(
        "services.worker.service.ImageDeveloper", workers.UnaskedImages
    ),
    "the worker tells before it stores": Breakage("services.worker.service.ImageDeveloper", workers.HastyImages),
    "the worker gives credit for sleeping": Breakage("shared.scheduling.node.Node._child", workers.child_with_credit),
    "the worker serves whoever came first": Breakage("services.worker.chunks.fair_line.FairQueue", workers.FirstCome),
    "the tracker increments counters": Breakage(
        "services.tracker.service.TrackerHandlers", trackers.IncrementingHandlers
    ),
    "the tracker lets counters step back": Breakage("shared.documents.Batch.rolled_up", trackers.with_newest_totals),
    "the tracker forgets what was carried over": Breakage("shared.documents.Batch.rolled_up", trackers.without_carried),
    "the tracker counts codes apart from failures": Breakage(
        "shared.documents.Batch._counted", trackers.with_newest_codes
    ),
    "the tracker overlooks a stop": Breakage("shared.documents.Batch.rolled_up", trackers.of_any_generation),
    "the tracker's reconciler never adds up": Breakage(
        "services.tracker.service.TrackerReconciler", trackers.IdleTrackerReconciler
    ),
    "the tracker ends no stopped batch": Breakage("services.tracker.service.Endings", trackers.ForgettingEndings),
    "the tracker ends a batch without the fold": Breakage("services.tracker.service.Endings", trackers.HastyEndings),
    "the tracker adds up before it revokes": Breakage("services.tracker.service.Endings", trackers.HurriedEndings),
    "the tracker throws away what is in development": Breakage(
        "services.tracker.service.Endings", trackers.ImpatientEndings
    ),
    "the fold counts repeats": Breakage("shared.documents.Chunk.folded", documents.folded_twice),
    "the fold replaces outcomes": Breakage("shared.documents.Chunk.folded", documents.overwritten),
    "a lost worker's suspect is forgotten": Breakage("shared.documents.Chunk.lost", documents.lost_without_suspicion),
    "nobody is told of a resume": Breakage("shared.documents.Batch.resumed", documents.resumed_in_silence),
    "a retry forgets what was completed": Breakage("shared.documents.Batch.retried", documents.retried_without_carried),
    "a retry of some takes everything": Breakage("shared.documents.Batch.retries", documents.retrying_all),
    "a retry of some forgets the other failures": Breakage(
        "shared.documents.Batch.carried_failure_codes", property(documents.nothing_carried)
    ),
    "a retry of some counts images twice": Breakage(
        "shared.documents.Batch._results_to_retry", documents.counted_twice
    ),
    "a retry of some goes on counting what was completed": Breakage(
        "shared.documents.Batch._results_to_retry", documents.completed_uncounted
    ),
    "a batch fails wholesale at its first failure": Breakage(
        "shared.documents.Batch.fails_wholesale", property(documents.wholesale_at_once)
    ),
    "the chunker's reconciler never sends again": Breakage(
        "services.chunker.service.ChunkerReconciler", chunkers.IdleReconciler
    ),
    "the chunker resumes nothing": Breakage("services.chunker.service.ChunkerHandlers", chunkers.UnresumingHandlers),
    "the chunker resumes during a backoff": Breakage(
        "services.chunker.service.ChunkerHandlers", chunkers.HurriedHandlers
    ),
    "a retry develops everything again": Breakage(
        "services.chunker.retries.images_to_retry", chunkers.retrying_everything
    ),
    "a retry forgets what was in no chunk": Breakage(
        "services.chunker.retries.images_to_retry", chunkers.retrying_failures
    ),
    "chunks that came too late stay": Breakage("services.chunker.reconciler.is_over", chunkers.never_over),
    "the gateway's outbox is forgotten": Breakage("services.gateway.wiring.Relay", gateways.ForgettingRelay),
    "the gateway's janitor is idle": Breakage("services.gateway.wiring.Janitor", gateways.IdleJanitor),
    "the gateway marks no upload": Breakage(
        "services.gateway.uploading.submissions.UploadMarker", gateways.UnmarkedUpload
    ),
    "the gateway ignores keys": Breakage("services.gateway.wiring.Submissions", gateways.KeylessSubmissions),
    "the gateway ignores keys within a draft": Breakage("services.gateway.wiring.Appends", gateways.KeylessAppends),
    "the gateway shows a draft's batch before its manifest": Breakage(
        "services.gateway.wiring.DraftCommits", gateways.HastyCommits
    ),
    "the gateway's keeper of drafts is idle": Breakage("services.gateway.wiring.DraftKeeper", gateways.IdleKeeper),
    "the gateway ignores the order of a draft's files": Breakage(
        "services.gateway.uploading.append_upload.AppendUpload._position", gateways.without_position
    ),
    "the gateway deletes what is running": Breakage(
        "services.gateway.batches.controls.refuse_unfinished", gateways.refusing_nothing
    ),
}
"""Each way to be broken."""


def catching_seed(name: str) -> int | None:
    """A seed that catches the breakage, the recorded one if it still does; None if none does."""
    recorded: dict[str, int] = json.loads(SEEDS_FILE.read_text())
    seeds = chain([recorded.get(name, 0)], range(MAX_SEEDS))
    return next((seed for seed in seeds if BROKEN[name].is_caught(seed)), None)
