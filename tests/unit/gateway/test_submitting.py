"""Recording a batch: last of all, once, and nothing half-created whatever fails."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.uploading.recording import UncertainCommitError
from services.gateway.uploading.submissions import Submissions
from shared.adapters.memory_documents import MemoryBatches, MemoryManifests
from shared.documents import Batch, ManifestPage
from shared.errors import DocumentsUnavailableError, StorageUnavailableError
from shared.messaging.messages import BatchSubmitted
from tests.fakes import until
from tests.unit.gateway.conftest import JPEG, Gateway


async def parts(files: int = 3, then: Callable[[], None] | None = None) -> AsyncIterator[PartEvent]:
    """An upload of so many files, and what happens after them."""
    yield PartBegan("batch_name", None)
    yield b"holiday"
    yield PartEnded()
    for number in range(files):
        yield PartBegan("files", f"{number}.jpg")
        yield JPEG
        yield PartEnded()
    if then:
        then()


class FailingBatches(MemoryBatches):
    """Batches whose first writes fail, before or after their effect, and whose reads may fail too."""

    def __init__(self, failures: int, *, after: bool = False, unreadable: bool = False) -> None:
        super().__init__()
        self.failures = failures
        self.after = after
        self.unreadable = unreadable

    async def add(self, batch: Batch) -> None:
        """Record the batch, or fail."""
        if self.after or not self.failures:
            await super().add(batch)
        if self.failures:
            self.failures -= 1
            raise DocumentsUnavailableError("away")

    async def get(self, batch_id: str) -> Batch | None:
        """The batch, or a failure."""
        if self.unreadable:
            raise DocumentsUnavailableError("away")
        return await super().get(batch_id)


@pytest.fixture
def submissions(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Submissions:
    """The use case, not pausing between attempts."""
    monkeypatch.setattr("services.gateway.uploading.recording.PAUSES_SECONDS", (0, 0, 0))
    return gateway.parts.submissions


async def test_a_batch_is_recorded_with_its_manifest_and_originals(gateway: Gateway, submissions: Submissions) -> None:
    """And the chunker is told of it once the relay runs."""
    batch = await submissions.submit(parts(3))
    assert await gateway.ports.batches.get(batch.id) == batch
    assert (batch.name, batch.total_images, batch.total_chunks, batch.status) == ("holiday", 3, 1, "PENDING")
    entries = await gateway.ports.manifests.entries(batch.id, 0, 10)
    assert [(entry.index, entry.name, entry.size_bytes) for entry in entries] == [
        (number, f"{number}.jpg", len(JPEG)) for number in range(3)
    ]
    assert gateway.stored_keys() == [f"originals/{batch.id}/{number}" for number in range(3)]
    await gateway.parts.relay.flush()
    assert [message.batch_id for message in gateway.publisher.of(BatchSubmitted)] == [batch.id]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("failures", [1, 2])
async def test_a_short_absence_of_the_database_is_not_noticed(
    gateway: Gateway, submissions: Submissions, failures: int, *, after: bool
) -> None:
    """Whether the write that failed was made or not, there is one batch."""
    batches = FailingBatches(failures, after=after)
    batch = await replace(submissions, batches=batches).submit(parts())
    assert await batches.newest(10) == [batch]
    assert len(gateway.stored_keys()) == 3


async def test_a_database_that_refuses_leaves_nothing(gateway: Gateway, submissions: Submissions) -> None:
    """When it is known that the batch was not recorded."""
    with pytest.raises(DocumentsUnavailableError):
        await replace(submissions, batches=FailingBatches(3)).submit(parts())
    assert await gateway.is_empty()


@pytest.mark.parametrize("batches", [FailingBatches(99), FailingBatches(3, after=True, unreadable=True)])
async def test_an_uncertain_commit_keeps_the_originals(
    gateway: Gateway, submissions: Submissions, batches: FailingBatches
) -> None:
    """The batch may be alive, and then it needs them. The marker stays as well, and a janitor finds out."""
    with pytest.raises(UncertainCommitError):
        await replace(submissions, batches=batches).submit(parts())
    keys = gateway.stored_keys()
    assert [key.partition("/")[0] for key in keys] == ["originals"] * 3 + ["uploads"]


async def test_an_upload_that_is_cancelled_half_way_leaves_nothing(gateway: Gateway, submissions: Submissions) -> None:
    """Although its puts were under way."""
    reached = asyncio.Event()

    async def stalling() -> AsyncIterator[PartEvent]:
        async for event in parts(3):
            yield event
        yield PartBegan("files", "large.jpg")
        yield JPEG + bytes(50_000)
        reached.set()
        await asyncio.Event().wait()

    upload = asyncio.create_task(submissions.submit(stalling()))
    await until(reached.is_set)
    upload.cancel()
    await until(upload.done)
    assert upload.cancelled()
    assert await gateway.is_empty()


async def test_a_commit_that_is_under_way_is_not_cancelled(gateway: Gateway, submissions: Submissions) -> None:
    """The batch is recorded whole, and the chunker will be told."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    class SlowBatches(MemoryBatches):
        async def add(self, batch: Batch) -> None:
            """Record the batch once the test lets it."""
            entered.set()
            await go_on.wait()
            await super().add(batch)

    batches = SlowBatches()
    upload = asyncio.create_task(replace(submissions, batches=batches).submit(parts()))
    await until(entered.is_set)
    upload.cancel()
    go_on.set()
    await until(upload.done)
    assert len(await batches.newest(10)) == 1
    assert len(gateway.stored_keys()) == 3


async def test_a_failing_clean_up_does_not_hide_the_cause(submissions: Submissions) -> None:
    """The upload's own error is what people hear."""

    class StubbornManifests(MemoryManifests):
        async def add(self, page: ManifestPage) -> None:
            """Fail first."""
            raise StorageUnavailableError(f"the cause, on page {page.page}")

        async def remove(self, batch_id: str) -> None:
            """Fail again."""
            raise DocumentsUnavailableError(f"the consequence, for {batch_id}")

    with pytest.raises(StorageUnavailableError, match="the cause"):
        await replace(submissions, manifests=StubbornManifests()).submit(parts())


async def test_the_manifest_is_written_in_pages_of_a_thousand(gateway: Gateway, submissions: Submissions) -> None:
    """1,001 files and more in one request."""
    pages: list[tuple[int, int]] = []

    class Watched(MemoryManifests):
        async def add(self, page: ManifestPage) -> None:
            """Note the page."""
            pages.append((page.page, len(page.entries)))
            await super().add(page)

    batch = await replace(submissions, manifests=Watched()).submit(parts(1200))
    assert pages == [(0, 1000), (1, 200)]
    assert batch.total_images == len(gateway.stored_keys()) == 1200
