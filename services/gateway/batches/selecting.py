"""Which selections of images a batch can be retried with."""

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError, quoted
from services.gateway.batches.lookup import batch_state
from shared.documents import MAX_INDEXES, REVOKED, Batch, Selection
from shared.failure_codes import FailureCode


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
