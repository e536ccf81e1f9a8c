import pytest

from shared.adapters.memory_documents import MemoryDocuments
from shared.errors import BrokerUnavailableError
from shared.running.sweeping import SweepFailures, unfinished_batches
from tests.fakes import START, new_batch


@pytest.mark.parametrize("page", [1, 3, 7, 100])
async def test_every_unfinished_batch_is_met_once(page: int) -> None:
    """Whatever the size of a page, and though batches finish while they are gone through."""
    documents = MemoryDocuments()
    for number in range(7):
        await documents.batches.add(new_batch(f"b-{number}"))
    await documents.batches.change("b-2", lambda b: b.changed(START, status="REVOKED"))
    met = []
    async for batch in unfinished_batches(documents.batches, page):
        met.append(batch.id)
        await documents.batches.change(batch.id, lambda b: b.changed(START, status="SUCCESS"))
    assert met == ["b-0", "b-1", "b-3", "b-4", "b-5", "b-6"]


def test_what_is_wrong_with_some_is_told_at_the_end() -> None:
    """All of it; a sweep without failures raises nothing."""
    failures = SweepFailures()
    failures.raise_all()
    met = []
    for batch_id in ("a", "b", "c"):
        with failures.put_off(batch_id):
            met.append(batch_id)
            if batch_id != "b":
                raise ValueError(batch_id)
    assert met == ["a", "b", "c"]
    with pytest.raises(ExceptionGroup, match="2") as raised:
        failures.raise_all()
    assert [str(error) for error in raised.value.exceptions] == ["a", "c"]


def test_a_server_that_is_away_is_told_at_once() -> None:
    """That concerns every batch, and the loop above knows it by its type."""
    with pytest.raises(BrokerUnavailableError), SweepFailures().put_off("a"):
        raise BrokerUnavailableError("no answer")
