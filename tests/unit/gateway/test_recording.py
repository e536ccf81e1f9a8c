"""Recording a batch once, whatever the database answers, and never removing what may belong to a recorded one."""

import asyncio

import pytest

from services.gateway.uploading.recording import Recorder, UncertainCommitError, UploadGivenUpError
from shared.adapters.memory_documents import MemoryBatches
from shared.documents import Batch
from shared.errors import DocumentsUnavailableError, DuplicateBatchError, PermanentError
from tests.fakes import START, SteppingClock, new_batch

UPLOAD = new_batch("upload").model_copy(update={"idempotency_key": "key"})
FIRST = new_batch("first").model_copy(update={"idempotency_key": "key"})


class Database(MemoryBatches):
    """Batches whose next writes fail, before or after their effect, and may be confirmed only later."""

    def __init__(self, *, lost: int = 0, unanswered: int = 0) -> None:
        super().__init__()
        self.lost = lost
        self.unanswered = unanswered
        self.unreadable = False
        self.hidden: set[str] = set()
        """Batches that no majority has confirmed: they are in the way of others, and nobody is shown them."""
        self.hides_reads = 10**9

    async def add(self, batch: Batch) -> None:
        """Record the batch and answer, or not."""
        if self.lost:
            self.lost -= 1
            raise DocumentsUnavailableError("lost on the way there")
        await super().add(batch)
        if self.unanswered:
            self.unanswered -= 1
            raise DocumentsUnavailableError("lost on the way back")

    async def get(self, batch_id: str) -> Batch | None:
        """The batch, unless it is hidden."""
        return self._seen(await super().get(batch_id))

    async def of_key(self, idempotency_key: str) -> Batch | None:
        """The batch, unless it is hidden."""
        return self._seen(await super().of_key(idempotency_key))

    def _seen(self, batch: Batch | None) -> Batch | None:
        if self.unreadable:
            raise DocumentsUnavailableError("away")
        self.hides_reads -= 1
        return None if batch is None or (batch.id in self.hidden and self.hides_reads >= 0) else batch


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.uploading.recording.PAUSES_SECONDS", (0, 0, 0))


async def record(batches: MemoryBatches, batch: Batch = UPLOAD) -> Batch:
    """What the recorder makes of the batch."""
    return await Recorder(batches, SteppingClock()).record(batch)


async def test_a_batch_is_recorded() -> None:
    """In one write."""
    batches = Database()
    assert await record(batches) == UPLOAD
    assert await batches.newest(10) == [UPLOAD]


@pytest.mark.parametrize("lost", [0, 1, 2])
@pytest.mark.parametrize("unanswered", [0, 1])
async def test_attempts_are_repeated_and_make_one_batch(lost: int, unanswered: int) -> None:
    """Whether those before them had an effect or not, and also when the last one was not answered."""
    batches = Database(lost=lost, unanswered=unanswered)
    assert await record(batches) == UPLOAD
    assert await batches.newest(10) == [UPLOAD]


async def test_a_key_that_is_taken_brings_the_first_batch() -> None:
    """And nothing else is recorded."""
    batches = Database()
    await batches.add(FIRST)
    assert await record(batches) == FIRST
    assert await batches.newest(10) == [FIRST]
    assert await batches.deleted(10) == []


async def test_two_with_one_key_at_once_are_one() -> None:
    """Whichever is first."""
    batches = Database()
    recorded = await asyncio.gather(record(batches, UPLOAD), record(batches, FIRST))
    assert len({batch.id for batch in recorded}) == 1
    assert len(await batches.newest(10)) == 1


async def test_our_own_attempt_is_told_from_an_earlier_batch_by_its_id() -> None:
    """Both have the key, and the attempt was not confirmed."""
    batches = Database(unanswered=1)
    assert (await record(batches)).id == UPLOAD.id


async def test_a_batch_that_no_majority_has_confirmed_yet_is_waited_for() -> None:
    """Ours: in the way of our second attempt, and not shown at first."""
    batches = Database(unanswered=1)
    batches.hidden, batches.hides_reads = {UPLOAD.id}, 2
    assert await record(batches) == UPLOAD


async def test_one_that_stays_unconfirmed_is_in_doubt() -> None:
    """Not being shown is no proof, so it must not be taken for a batch that was not recorded."""
    batches = Database(unanswered=1)
    batches.hidden = {UPLOAD.id}
    with pytest.raises(UncertainCommitError):
        await record(batches)


async def test_a_first_batch_that_is_not_confirmed_yet_is_waited_for() -> None:
    """Its gateway is about to answer with it."""
    batches = Database()
    await batches.add(FIRST)
    batches.hidden, batches.hides_reads = {FIRST.id}, 2
    assert await record(batches) == FIRST
    await assert_ruled_out(batches)


async def assert_ruled_out(batches: MemoryBatches) -> None:
    """An attempt that arrives late, from somewhere in the network, records nothing."""
    with pytest.raises(DuplicateBatchError):
        await batches.add(UPLOAD.model_copy(update={"idempotency_key": None}))


async def test_what_was_not_recorded_cannot_be_recorded_later() -> None:
    """Only then may its originals be removed."""
    batches = Database(lost=3)
    with pytest.raises(DocumentsUnavailableError, match="on the way there") as raised:
        await record(batches)
    assert not isinstance(raised.value, UncertainCommitError)
    assert await batches.newest(10) == []
    await assert_ruled_out(batches)


async def test_an_attempt_that_failed_before_the_key_was_taken_cannot_come_later() -> None:
    """The first batch may be deleted and its key be free by then."""
    batches = Database(lost=1)
    await MemoryBatches.add(batches, FIRST)
    assert await record(batches) == FIRST
    await assert_ruled_out(batches)


@pytest.mark.parametrize("lost", [4, 99])
async def test_a_database_that_takes_nothing_leaves_it_in_doubt(lost: int) -> None:
    """An attempt may be on its way."""
    with pytest.raises(UncertainCommitError):
        await record(Database(lost=lost))


async def test_a_database_that_shows_nothing_leaves_it_in_doubt() -> None:
    """Something is in the way, and it may be ours."""
    batches = Database(unanswered=1)
    batches.unreadable = True
    with pytest.raises(UncertainCommitError):
        await record(batches)


@pytest.mark.parametrize("lost", [0, 1, 3])
async def test_a_tombstone_in_its_place_is_not_taken_for_our_own_batch(lost: int) -> None:
    """A janitor has given the upload up."""
    batches = Database()
    await batches.add(Batch.tombstone(UPLOAD.id, START))
    batches.lost = lost
    with pytest.raises(UploadGivenUpError):
        await record(batches)
    assert await batches.newest(10) == []


async def test_a_batch_that_no_database_can_hold_is_no_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused each time."""

    async def refuse(batch: Batch) -> None:
        raise PermanentError(batch.id)

    batches = Database()
    monkeypatch.setattr(batches, "add", refuse)
    with pytest.raises(PermanentError):
        await record(batches)
