"""Batches by their id, and what their state allows."""

from typing import Any

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from shared.documents import Batch
from shared.ports import BatchReader


async def find_batch(batches: BatchReader, batch_id: str) -> Batch:
    """The batch with that id; raises `ApiError`."""
    return present(await batches.get(batch_id), batch_id)


def present(batch: Batch | None, batch_id: str) -> Batch:
    """The batch, which was looked for by that id; raises `ApiError` if it is not there or deleted."""
    if batch is None or batch.deleted_at:
        raise ApiError(BatchCode.BATCH_NOT_FOUND, details={"batch_id": batch_id})
    return batch


def refuse_unfinished(batch: Batch) -> None:
    """Raise `ApiError` unless the batch has ended."""
    if batch.is_finished:
        return
    if batch.stop:
        raise ApiError(BatchCode.BATCH_STOPPING, details=batch_state(batch))
    raise ApiError(BatchCode.BATCH_RUNNING, details=batch_state(batch))


def batch_state(batch: Batch) -> dict[str, Any]:
    """What a refusal's details say of the batch that it is about."""
    return {"status": batch.status}
