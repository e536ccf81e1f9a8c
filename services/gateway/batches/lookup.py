"""Batches by their id, and what their state allows."""

from typing import Any

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError, quoted
from shared.documents import MAX_INDEXES, REVOKED, Batch, Selection
from shared.failure_codes import FailureCode
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


def refuse_selection(batch: Batch, selection: Selection) -> None:
    """Raise `ApiError` unless it is known which images of a finished batch these are, and how many."""
    if selection.indexes and batch.generation != selection.generation:
        # It has ended only now, or been retried, since its images were looked at.
        raise ApiError(BatchCode.BATCH_RUNNING, details=batch_state(batch))
    if len(batch.remade.keys() | set(map(str, selection.indexes))) > MAX_INDEXES:
        raise ApiError(BatchCode.TOO_MANY_INDEXES, limit=MAX_INDEXES)
    _refuse_codes(batch, selection.codes)


def _refuse_codes(batch: Batch, codes: frozenset[str]) -> None:
    failed = codes - {REVOKED.result}
    choices = [*sorted(batch.failure_codes), *([REVOKED.result] if batch.revoked_images else [])]
    if failed and FailureCode.UNRECORDED in batch.failure_codes:
        raise ApiError(BatchCode.FAILURE_CODES_UNRECORDED, details={"choices": choices})
    unknown = sorted(failed - set(FailureCode) - batch.failure_codes.keys())
    if unknown:
        raise ApiError(
            BatchCode.FAILURE_CODE_UNKNOWN, details={"unknown": [quoted(code) for code in unknown], "choices": choices}
        )
