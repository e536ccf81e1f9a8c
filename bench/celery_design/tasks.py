"""The Celery application and its one task: a chunk of images, one after the other."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from celery import Celery
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from bench.celery_design.counters import BatchCounters, counters_in
from bench.celery_design.settings import celery_design_settings
from bench.print_folder import develop_into_folder
from services.worker.imaging.failures import ImageRejected

app = Celery("original", broker=celery_design_settings().rabbitmq_url)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,  # the counters are the result
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
)


@cache
def _counters() -> BatchCounters:
    # Made at first use, so that each forked process has connections of its own.
    return counters_in(MongoClient(celery_design_settings().mongodb_url))


def develop_chunk(batch_id: str, number: int, first_index: int, originals: Sequence[str]) -> None:
    """Handle a chunk's images; one that is rejected counts as failed and its siblings go on."""
    counters, after_each_image = _counters(), celery_design_settings().count_after == "image"
    counters.chunk_started(batch_id, number)
    completed = failed = 0
    for index, original in enumerate(originals, first_index):
        success = _develop(batch_id, index, Path(original))
        completed += success
        failed += not success
        if after_each_image:
            counters.images_ended(batch_id, int(success), int(not success))
    if not after_each_image:
        counters.images_ended(batch_id, completed, failed)
    counters.chunk_ended(batch_id, number, completed, failed)


def _develop(batch_id: str, index: int, original: Path) -> bool:
    prints = celery_design_settings().prints
    if prints is None:
        original.read_bytes()
        return True
    try:
        develop_into_folder(original, prints / batch_id / str(index))
    except ImageRejected:
        return False
    return True


develop_chunk_task = app.task(
    name="develop_chunk",
    autoretry_for=(OSError, PyMongoError),
    max_retries=3,
    retry_backoff=True,
    retry_jitter=True,
)(develop_chunk)
