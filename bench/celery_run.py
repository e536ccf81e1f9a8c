"""The original design as a contender: one Celery worker, its chunks published and its counters polled from here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal
from uuid import uuid4

from celery import Celery
from pymongo import MongoClient

from bench.celery_design.counters import BatchCounters, Fields, counters_in
from bench.contender import ContenderFailedError, Measured, Surroundings
from bench.processor_time import ProcessorMeter
from bench.started_process import StartedProcess, log_tails, started_process
from bench.waiting import BATCH_POLL_SECONDS, START_POLL_SECONDS, wait_for
from bench.workloads import CHUNK_SIZE, Workload

START_SECONDS = 60.0
BATCH_SECONDS = 300.0


def run_celery(workload: Workload, surroundings: Surroundings, count_after: Literal["image", "chunk"]) -> Measured:
    """Have a Celery worker handle the workload; raises `ContenderFailedError` with the worker's log."""
    servers = surroundings.servers
    with (
        servers.rabbitmq.address.fresh_virtual_host() as rabbitmq_url,
        servers.mongodb.address.fresh_database() as mongodb_url,
    ):
        settings = {
            "BENCH_CELERY_RABBITMQ_URL": rabbitmq_url,
            "BENCH_CELERY_MONGODB_URL": mongodb_url,
            "BENCH_CELERY_COUNT_AFTER": count_after,
        }
        if workload.develops:
            settings["BENCH_CELERY_PRINTS"] = str(surroundings.folder / "prints")
        try:
            with (
                _started_worker(settings, surroundings) as worker,
                Celery(broker=rabbitmq_url) as app,
                MongoClient[Fields](mongodb_url) as client,
            ):
                return _measure(_RunningDesign(app, counters_in(client), worker), workload, surroundings)
        except ContenderFailedError as error:
            raise ContenderFailedError(f"{error}\n{log_tails(surroundings.folder)}") from error


@contextmanager
def _started_worker(settings: dict[str, str], surroundings: Surroundings) -> Iterator[StartedProcess]:
    arguments = ["-m", "celery", "--app", "bench.celery_design.tasks", "worker", "--loglevel", "WARNING"]
    # Usual in production: workers then do not tell each other what they do.
    arguments += ["--concurrency", str(surroundings.cores), "--without-gossip", "--without-mingle"]
    with started_process(arguments, settings, surroundings.folder / "celery.log") as worker:
        yield worker


@dataclass(frozen=True)
class _RunningDesign:
    app: Celery
    counters: BatchCounters
    worker: StartedProcess

    def handle(
        self, originals: Sequence[Path], chunk_size: int, deadline_seconds: float, poll_seconds: float
    ) -> Fields:
        """Submit a batch and wait for its end; every image must have completed."""
        batch_id = str(uuid4())
        starts = range(0, len(originals), chunk_size)
        self.counters.begin(batch_id, len(originals), len(starts))
        # One connection for all messages; opening one for each would be the slow way.
        with self.app.producer_pool.acquire(block=True) as producer:
            for number, start in enumerate(starts):
                paths = [str(path) for path in originals[start : start + chunk_size]]
                self.app.send_task("develop_chunk", (batch_id, number, start, paths), producer=producer)
        finished = partial(self.counters.finished, batch_id)
        worker = {"worker": self.worker}
        batch = wait_for("the Celery design's batch", finished, worker, deadline_seconds, poll_seconds)
        if batch["completed_images"] != len(originals):
            raise ContenderFailedError(f"the Celery design completed {batch['completed_images']} of {len(originals)}")
        return batch


def _measure(design: _RunningDesign, workload: Workload, surroundings: Surroundings) -> Measured:
    design.handle(workload.warm_up, 1, START_SECONDS, START_POLL_SECONDS)
    meter = ProcessorMeter({"celery worker": [design.worker.pid], **surroundings.server_processes})
    batch = design.handle(workload.originals, CHUNK_SIZE, BATCH_SECONDS, BATCH_POLL_SECONDS)
    return Measured((batch["finished_at"] - batch["started_at"]).total_seconds(), meter.spent())
