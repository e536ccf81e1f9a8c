"""Gateways that are killed at any call while they extend or commit a draft, and appends that race with the commit."""

import asyncio
import contextlib
from typing import Any, Literal

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded
from shared.documents import Append
from shared.errors import DocumentsUnavailableError
from tests.fakes import START, Crash, CrashError
from tests.unit.gateway.conftest import JPEG
from tests.unit.gateway.draft_stage import appended, assert_whole, begun, draft_now, extended
from tests.unit.gateway.stage import Stage, parts

MAX_CALLS = 40
When = Literal["before", "after"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_commit_that_is_killed_anywhere_is_completed_by_being_repeated(when: When) -> None:
    """There is one batch, with everything that was answered with a 200 and nothing twice."""
    for at in range(MAX_CALLS):
        stage, crash = Stage(), Crash(at, when)
        draft_id = await extended(stage, "a", "b")
        # A gateway was killed between taking a place and recording its append.
        await stage.documents.drafts.change(draft_id, lambda draft: draft.extended(2, START))
        with contextlib.suppress(CrashError):
            await stage.gateway(crash).draft_commits.commit(draft_id)
        batch = await stage.gateway().draft_commits.commit(draft_id)
        await assert_whole(stage, batch, 4)
        assert (await draft_now(stage, draft_id)).state == "committed"
        if not crash.has_happened:
            return
    pytest.fail("the commit took more calls than were tried")


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_commit_that_is_killed_is_completed_by_any_gateway(when: When) -> None:
    """Though nobody asks again; a draft that was not closed yet just stays open."""
    for at in range(MAX_CALLS):
        stage, crash = Stage(), Crash(at, when)
        draft_id = await extended(stage, "a", "b")
        with contextlib.suppress(CrashError):
            await stage.gateway(crash).draft_commits.commit(draft_id)
        await stage.gateway().draft_keeper.sweep()  # it may be in a gateway's hands
        stage.clock.step(stage.settings.janitor_sweep_seconds)
        await asyncio.gather(*(stage.gateway().draft_keeper.sweep() for _ in range(3)))
        if (await draft_now(stage, draft_id)).state == "open":
            assert not await stage.documents.batches.newest(9)
        else:
            await assert_whole(stage, await stage.batch(draft_id), 4)
            assert (await draft_now(stage, draft_id)).state == "committed"
        if not crash.has_happened:
            return
    pytest.fail("the commit took more calls than were tried")


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_append_that_is_killed_anywhere_is_repeated_without_harm(when: When) -> None:
    """Its files are in the batch once, and what the killed gateway left goes."""
    for at in range(MAX_CALLS):
        stage, crash = Stage(), Crash(at, when)
        draft_id = await extended(stage, "a")
        with contextlib.suppress(CrashError):
            await appended(stage.gateway(crash), draft_id, "b")
        again = await appended(stage.gateway(), draft_id, "b")
        assert [entry.name for entry in again.append.entries] == ["0.jpg", "1.jpg"]
        batch = await stage.gateway().draft_commits.commit(draft_id)
        await assert_whole(stage, batch, 4)
        stage.clock.step(stage.settings.tombstone_seconds)
        await asyncio.gather(*(stage.gateway().draft_keeper.sweep() for _ in range(3)))
        await assert_whole(stage, batch, 4, tidy=True)
        stage.clock.step(stage.settings.draft_expiry_seconds)
        await asyncio.gather(*(stage.gateway().draft_keeper.sweep() for _ in range(3)))
        await assert_whole(stage, batch, 4, tidy=True)
        assert not await stage.documents.drafts.all(9)
        assert not await stage.documents.appends.page(draft_id, 9)
        if not crash.has_happened:
            return
    pytest.fail("the append took more calls than were tried")


@pytest.mark.parametrize("lead", range(24))
async def test_an_append_at_the_moment_of_the_commit_is_in_the_batch_or_refused(lead: int) -> None:
    """Whichever is first, at any distance."""
    stage = Stage()
    draft_id = await extended(stage, "a")
    appending = asyncio.create_task(appended(stage.gateway(), draft_id, "b"))
    for _ in range(lead):
        await asyncio.sleep(0)
    commits = asyncio.gather(*(stage.gateway().draft_commits.commit(draft_id) for _ in range(2)))
    [refused] = await asyncio.gather(appending, return_exceptions=True)
    batch = (await commits)[0]
    if isinstance(refused, BaseException):
        assert isinstance(refused, ApiError)
        assert refused.code == "draft_committed"
    await assert_whole(stage, batch, 2 if isinstance(refused, BaseException) else 4, tidy=True)


async def test_an_append_that_has_its_place_but_is_recorded_late_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit does not wait for a gateway that may have been killed; what was stored goes."""
    stage = Stage()
    draft_id = await extended(stage, "a")
    late, reached = asyncio.Event(), asyncio.Event()
    add = stage.documents.appends.add

    async def waiting(append: Append) -> bool:
        if append.key == "b":
            reached.set()
            await late.wait()
        return await add(append)

    monkeypatch.setattr(stage.documents.appends, "add", waiting)
    appending = asyncio.create_task(appended(stage.gateway(), draft_id, "b"))
    await reached.wait()
    batch = await stage.gateway().draft_commits.commit(draft_id)
    late.set()
    with pytest.raises(ApiError, match="draft_committed"):
        await appending
    await assert_whole(stage, batch, 2, tidy=True)


async def test_an_append_whose_recording_is_not_confirmed_keeps_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be recorded; sent again, it is answered with that."""
    stage = Stage()
    draft_id = await begun(stage)
    add = stage.documents.appends.add

    async def unconfirmed(append: Append) -> bool:
        await add(append)
        raise DocumentsUnavailableError("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(stage.documents.appends, "add", unconfirmed)
        with pytest.raises(DocumentsUnavailableError):
            await appended(stage.gateway(), draft_id, "a")
    assert (await appended(stage.gateway(), draft_id, "a")).received_images == 2
    await assert_whole(stage, await stage.gateway().draft_commits.commit(draft_id), 2, tidy=True)


@pytest.mark.parametrize("end", ["commit", "delete"])
async def test_an_upload_to_a_draft_that_has_ended_is_ended_soon(end: str) -> None:
    """And not received to its end for nothing; what came of it goes."""
    stage = Stage()
    draft_id = await extended(stage, "a")
    gateway = stage.gateway()
    came: list[int] = []

    async def slow() -> Any:
        for number in range(10):
            yield PartBegan("files", f"{number}.jpg")
            yield JPEG
            yield PartEnded()
            came.append(number)
            if number == 3:
                await (gateway.draft_commits.commit(draft_id) if end == "commit" else gateway.drafts.give_up(draft_id))
            stage.clock.step(20)

    with pytest.raises(ApiError, match="draft_committed" if end == "commit" else "draft_not_found"):
        await stage.gateway().appends.append(draft_id, slow(), None)
    assert max(came) < 6
    assert len([key for key in stage.objects.stored if draft_id in key]) == 2


async def test_an_append_that_breaks_off_leaves_nothing() -> None:
    """The draft goes on without it."""
    stage = Stage()
    draft_id = await extended(stage, "a")
    broken = asyncio.Event()

    async def breaking() -> Any:
        async for event in parts(1):
            yield event
        broken.set()
        await asyncio.Event().wait()

    appending = asyncio.create_task(stage.gateway().appends.append(draft_id, breaking(), "b"))
    await broken.wait()
    appending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await appending
    assert len([key for key in stage.objects.stored if draft_id in key]) == 2
    await assert_whole(stage, await stage.gateway().draft_commits.commit(draft_id), 2, tidy=True)
