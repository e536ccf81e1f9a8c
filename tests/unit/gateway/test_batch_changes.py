"""Changes of all batches are read once for all who follow, when hints name them and also when none did."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from services.gateway.answers.addresses import root_path
from services.gateway.batches.batch_changes import BatchChanges
from services.gateway.batches.followers import MAX_CHANGES, ChangedBatch, Followers, FollowerSlot
from shared.adapters.memory_documents import MemoryBatches
from shared.documents import Batch
from shared.errors import DocumentsUnavailableError
from tests.fakes import START, SteppingClock, new_batch, until

REFRESH_SECONDS = 5.0


class CountingBatches(MemoryBatches):
    """Batches that count how often changed ones are read, and fail as often as they are told."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[Collection[str]] = []
        self.searches = 0
        self.failures = 0

    async def of_ids(self, batch_ids: AbstractSet[str]) -> Sequence[Batch]:
        """The batches, or the failure that was ordered."""
        self.reads.append(tuple(batch_ids))
        self._fail()
        return await super().of_ids(batch_ids)

    async def updated_since(self, moment: datetime, limit: int) -> Sequence[Batch]:
        """The batches, or the failure that was ordered."""
        self.searches += 1
        self._fail()
        return await super().updated_since(moment, limit)

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise DocumentsUnavailableError("away")


class Stage:
    """Running changes and what they stand on; a search is due when the clock has stepped."""

    def __init__(self) -> None:
        self.batches = CountingBatches()
        self.clock = SteppingClock()
        self.followers = Followers()
        self.changes = BatchChanges(
            self.batches, self.followers, self.clock, interval_seconds=0.001, refresh_seconds=REFRESH_SECONDS
        )

    async def add(self, *names: str) -> None:
        """New batches of this moment."""
        for name in names:
            await self.batches.add(new_batch(name, now=self.clock()))

    async def move(self, name: str, completed_images: int = 1) -> Batch:
        """A change of the batch at this moment, not hinted at."""
        return await self.batches.change(
            name, lambda batch: batch.changed(self.clock(), completed_images=completed_images)
        )

    def make_search_due(self) -> None:
        """Let so much time pass, and have the changes look."""
        self.clock.step(REFRESH_SECONDS)
        self.changes._woken.set()


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[None]:
    """The changes, being read."""
    task = asyncio.create_task(stage.changes.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def taken(slot: FollowerSlot) -> dict[str, Any]:
    """What the follower is sent next about batches."""
    async with asyncio.timeout(5):
        events = await slot.take()
    assert events is not None
    data: dict[str, Any] = json.loads(events["batches"])
    return data


async def test_batches_that_hints_name_are_read_together_once_for_all_followers() -> None:
    """And each follower is sent their newest state."""
    stage = Stage()
    await stage.add("a", "b", "c")
    async with running(stage):
        with stage.followers.follow(["batches"]) as first, stage.followers.follow(["batches"]) as second:
            moved = [await stage.move("a"), await stage.move("b")]
            for batch in (*moved, *moved):
                stage.changes.note(batch.id)
            sent = await taken(first)
            assert sent == await taken(second)
    assert {(batch["batch_id"], batch["version"]) for batch in sent["batches"]} == {("a", 1), ("b", 1)}
    assert sent["reload"] is False
    assert [sorted(read) for read in stage.batches.reads] == [["a", "b"]]


async def test_nothing_is_read_while_nobody_follows() -> None:
    """Hints are as good as unread, and who follows another topic wants nothing of batches."""
    stage = Stage()
    await stage.add("a")
    async with running(stage):
        with stage.followers.follow(["system"]):
            stage.changes.note("a")
            stage.make_search_due()
            await until(lambda: not stage.changes._woken.is_set())
    assert (stage.batches.reads, stage.batches.searches) == ([], 0)


async def test_changes_whose_hints_were_lost_are_found() -> None:
    """New batches as well; what was sent already is not sent again."""
    stage = Stage()
    await stage.add("a", "b")
    async with running(stage):
        with stage.followers.follow(["batches"]) as slot:
            await stage.move("a")
            stage.changes.note("a")
            assert [batch["batch_id"] for batch in (await taken(slot))["batches"]] == ["a"]
            await stage.move("b")
            await stage.add("new")
            stage.make_search_due()
            assert {batch["batch_id"] for batch in (await taken(slot))["batches"]} == {"b", "new"}
            stage.make_search_due()
            await until(lambda: stage.batches.searches == 2)
            await stage.move("a", 2)
            stage.changes.note("a")
            assert [batch["version"] for batch in (await taken(slot))["batches"]] == [2]


async def test_changes_of_services_whose_clocks_are_late_are_found() -> None:
    """By some seconds."""
    stage = Stage()
    await stage.add("a")
    async with running(stage):
        with stage.followers.follow(["batches"]) as slot:
            stage.clock.step(60)
            stage.make_search_due()
            assert [batch["version"] for batch in (await taken(slot))["batches"]] == [0]
            stage.clock.step(-3)
            await stage.move("a")
            stage.clock.step(3)
            stage.make_search_due()
            assert [batch["version"] for batch in (await taken(slot))["batches"]] == [1]


async def test_what_could_not_be_read_is_found_later() -> None:
    """A database that was away for a read and a search."""
    stage = Stage()
    await stage.add("a")
    async with running(stage):
        with stage.followers.follow(["batches"]) as slot:
            stage.clock.step(60)
            moved = await stage.move("a")
            stage.batches.failures = 2
            stage.changes.note("a")
            await until(lambda: len(stage.batches.reads) == 1)
            stage.make_search_due()
            await until(lambda: stage.batches.searches == 1)
            stage.make_search_due()
            assert [batch["version"] for batch in (await taken(slot))["batches"]] == [moved.version]


async def test_deleted_batches_are_named_as_such() -> None:
    """Those on their way out, and those that are gone altogether."""
    stage = Stage()
    await stage.add("a")
    await stage.batches.change("a", lambda batch: batch.stopped("cancelled", stage.clock()).deleted(stage.clock()))
    async with running(stage):
        with stage.followers.follow(["batches"]) as slot:
            stage.changes.note("a")
            stage.changes.note("gone")
            sent = (await taken(slot))["batches"]
    assert sorted(sent, key=lambda batch: str(batch["batch_id"])) == [
        {"batch_id": "a", "deleted": True},
        {"batch_id": "gone", "deleted": True},
    ]


async def test_proofs_are_not_sent() -> None:
    """No list shows them: neither when a hint names one, nor when a search finds it, nor when it is deleted."""
    stage = Stage()
    await stage.add("a", "b", "proof")
    await stage.batches.change("proof", lambda batch: batch.changed(stage.clock(), proof_expires_at=stage.clock()))
    async with running(stage):
        with stage.followers.follow(["batches"]) as slot:
            stage.changes.note("proof")
            stage.changes.note("a")
            assert [batch["batch_id"] for batch in (await taken(slot))["batches"]] == ["a"]
            await stage.batches.change("proof", lambda batch: batch.proof_expired(stage.clock()))
            await stage.move("b")
            stage.make_search_due()
            assert [batch["batch_id"] for batch in (await taken(slot))["batches"]] == ["b"]


async def test_proofs_are_in_no_list_and_so_in_no_change() -> None:
    """Whether hints name them or a search finds them."""
    stage = Stage()
    await stage.add("listed")
    await stage.batches.add(new_batch("proof", now=stage.clock()).model_copy(update={"proof_expires_at": START}))
    async with running(stage):
        with stage.followers.follow(["batches"]) as slot:
            for name in ("proof", "listed"):
                await stage.move(name)
                stage.changes.note(name)
            assert [batch["batch_id"] for batch in (await taken(slot))["batches"]] == ["listed"]
            for name in ("proof", "listed"):
                await stage.move(name, 2)
            stage.make_search_due()
            assert [batch["batch_id"] for batch in (await taken(slot))["batches"]] == ["listed"]


async def test_too_many_changes_have_the_list_read_again() -> None:
    """Whether hints name them or a search finds them; no batch is sent then."""
    stage = Stage()
    await stage.add(*(str(number) for number in range(MAX_CHANGES + 1)))
    async with running(stage):
        with stage.followers.follow(["batches"]) as slot:
            for number in range(MAX_CHANGES + 1):
                stage.changes.note(str(number))
            assert await taken(slot) == {"batches": [], "reload": True}
            assert stage.batches.reads == []
            stage.make_search_due()
            assert await taken(slot) == {"batches": [], "reload": True}


async def test_a_slow_follower_holds_each_batch_once_and_too_many_not_at_all() -> None:
    """Its slot stays as small as one event."""
    with Followers().follow(["batches"]) as held:
        for version in (1, 2):
            held.offer_changes([ChangedBatch("a", new_batch("a").model_copy(update={"version": version}))])
        assert [batch["version"] for batch in (await taken(held))["batches"]] == [2]
        for number in range(MAX_CHANGES + 1):
            held.offer_changes([ChangedBatch(str(number), None)])
        assert await taken(held) == {"batches": [], "reload": True}


async def test_a_state_is_encoded_once_for_each_path_prefix() -> None:
    """Its links begin with the prefix under which its follower reaches the gateway."""
    changed = ChangedBatch("a", new_batch("a"))
    plain = changed.encoded()
    token = root_path.set("/darkroom")
    behind_proxy = changed.encoded()
    root_path.reset(token)
    assert json.loads(plain)["links"]["self"] == "/pipeline/batch/a"
    assert json.loads(behind_proxy)["links"]["self"] == "/darkroom/pipeline/batch/a"
    assert changed.encoded() is plain


async def test_every_follower_is_let_go_when_all_are() -> None:
    """Also one that comes after."""
    followers = Followers()
    with followers.follow(["batches"]) as slot:
        followers.close()
        assert await slot.take() is None
    with followers.follow(["batches"]) as late:
        assert await late.take() is None
