"""Drafts that nobody goes on with expire, and what is left over of any draft goes."""

import asyncio
from collections.abc import Sequence

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.uploading.appends import UNDER_WAY
from shared.documents import Batch, Draft
from shared.errors import DocumentsUnavailableError
from tests.unit.gateway.draft_stage import FORM, appended, assert_whole, begun, draft_now, extended
from tests.unit.gateway.stage import Stage


def is_stored(stage: Stage, draft_id: str) -> bool:
    """Whether anything of a draft is in the object store."""
    return any(draft_id in key for key in stage.objects.stored)


async def swept(stage: Stage) -> None:
    """Have several gateways sweep at the same time."""
    await asyncio.gather(*(stage.gateway().draft_keeper.sweep() for _ in range(3)))


async def test_a_draft_expires_a_day_after_the_last_append() -> None:
    """Not after its beginning; it then says so, and at last it is forgotten."""
    stage = Stage()
    draft_id = await extended(stage, "a")
    stage.clock.step(stage.settings.draft_expiry_seconds - 1)
    await appended(stage.gateway(), draft_id, "b")
    stage.clock.step(stage.settings.draft_expiry_seconds - 1)
    await swept(stage)
    assert (await draft_now(stage, draft_id)).state == "open"
    stage.clock.step(1)
    await swept(stage)
    assert not is_stored(stage, draft_id)
    gateway = stage.gateway()
    for refused in (appended(gateway, draft_id, "c"), gateway.draft_commits.commit(draft_id)):
        with pytest.raises(ApiError, match="draft_expired"):
            await refused
    assert not is_stored(stage, draft_id)
    stage.clock.step(stage.settings.tombstone_seconds)
    await swept(stage)
    with pytest.raises(ApiError, match="draft_not_found"):
        await appended(gateway, draft_id, "c")
    assert not await stage.documents.appends.page(draft_id, 9)


async def test_a_deleted_draft_is_emptied_twice() -> None:
    """A slow gateway may store and record something of it in between."""
    stage = Stage()
    draft_id, other = await extended(stage, "a"), await extended(stage, "a")
    late = (await stage.documents.appends.page(draft_id, 1))[0].model_copy(update={"number": 1, "key": "late"})
    assert await stage.gateway().drafts.give_up(draft_id)
    await swept(stage)
    assert not is_stored(stage, draft_id)
    await stage.documents.appends.add(late)
    await stage.objects.put(late.entries[0].original_key(draft_id), b"late")
    await swept(stage)
    assert is_stored(stage, draft_id)
    stage.clock.step(stage.settings.tombstone_seconds)
    await swept(stage)
    assert not is_stored(stage, draft_id)
    assert not await stage.documents.appends.page(draft_id, 9)
    assert [draft.id for draft in await stage.documents.drafts.all(9)] == [other]
    assert is_stored(stage, other)


async def test_a_batch_that_was_deleted_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a gateway that had begun to commit its draft goes on only now."""
    stage = Stage()
    draft_id = await extended(stage, "a")
    slow = stage.gateway()
    reached, go_on = asyncio.Event(), asyncio.Event()
    finish = stage.documents.manifests.add

    async def waiting(page: object) -> None:
        if not reached.is_set():
            reached.set()
            await go_on.wait()
        await finish(page)  # type: ignore[arg-type]  # whatever it is

    monkeypatch.setattr(stage.documents.manifests, "add", waiting)
    committing = asyncio.create_task(slow.draft_commits.commit(draft_id))
    await reached.wait()
    gateway = stage.gateway()
    await gateway.draft_commits.commit(draft_id)
    await gateway.controls.cancel(draft_id)
    await gateway.controls.delete(draft_id)
    await gateway.janitor.flush()
    for _ in range(3):
        stage.clock.step(stage.settings.tombstone_seconds)
        await swept(stage)
        await gateway.janitor.sweep()
    go_on.set()
    with pytest.raises(ApiError, match="draft_not_found"):
        await committing
    assert not await stage.documents.batches.newest(9)
    assert await stage.is_empty(draft_id)


@pytest.mark.parametrize("lead", range(12))
async def test_keepers_side_by_side_remove_nothing_of_a_batch(lead: int) -> None:
    """One forgets the appends while another looks which originals are theirs."""
    stage = Stage()
    draft_id = await begun(stage)
    for number in range(50):
        await appended(stage.gateway(), draft_id, str(number))
    batch = await stage.gateway().draft_commits.commit(draft_id)
    stage.clock.step(stage.settings.tombstone_seconds)
    first = asyncio.create_task(stage.gateway().draft_keeper.sweep())
    for _ in range(lead):
        await asyncio.sleep(0)
    await asyncio.gather(first, swept(stage))
    await assert_whole(stage, batch, 100, tidy=True)


async def test_a_draft_that_is_extended_at_the_last_moment_does_not_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    """An append may come between the look and the end."""
    stage = Stage()
    draft_id = await extended(stage, "a")
    stage.clock.step(stage.settings.draft_expiry_seconds)
    look = stage.documents.drafts.all

    async def slow(limit: int, after: str = "") -> Sequence[Draft]:
        found = await look(limit, after)
        if found:
            await appended(stage.gateway(), draft_id, "b")
        return found

    monkeypatch.setattr(stage.documents.drafts, "all", slow)
    await stage.gateway().draft_keeper.sweep()
    assert (await draft_now(stage, draft_id)).state == "open"
    await assert_whole(stage, await stage.gateway().draft_commits.commit(draft_id), 4, tidy=True)


async def test_a_committed_draft_answers_as_its_batch_when_it_is_forgotten() -> None:
    """A commit may be repeated for as long as the batch is there, and nothing is appended to it."""
    stage = Stage()
    draft_id = await extended(stage, "a")
    gateway = stage.gateway()
    batch = await gateway.draft_commits.commit(draft_id)
    stage.clock.step(stage.settings.draft_expiry_seconds)
    for _ in range(2):
        await swept(stage)
    assert not await stage.documents.drafts.all(9)
    again: Batch = await gateway.draft_commits.commit(draft_id)
    assert again.id == batch.id
    with pytest.raises(ApiError, match="draft_committed"):
        await appended(gateway, draft_id, "b")
    assert not await gateway.drafts.give_up(draft_id)


async def test_a_draft_takes_no_more_images_than_a_batch() -> None:
    """Over all its appends; those that came to nothing do not count."""
    stage = Stage()
    stage.settings = stage.settings.model_copy(update={"max_files": 5})
    draft_id = await extended(stage, "a", "b")
    with pytest.raises(ApiError, match="too_many_files"):
        await appended(stage.gateway(), draft_id, "c")
    await appended(stage.gateway(), draft_id, "b")
    # A gateway was killed before its append was recorded.
    await stage.documents.drafts.change(draft_id, lambda draft: draft.extended(1, stage.clock()))
    stage.clock.step(UNDER_WAY.total_seconds())
    await appended(stage.gateway(), draft_id, "d", files=1)
    with pytest.raises(ApiError, match="too_many_files"):
        await appended(stage.gateway(), draft_id, "e", files=1)
    await assert_whole(stage, await stage.gateway().draft_commits.commit(draft_id), 5, tidy=True)


async def test_appends_side_by_side_take_no_more_images_than_a_batch() -> None:
    """Though the draft counts images that were never recorded, and each of them alone would fit."""
    stage = Stage()
    stage.settings = stage.settings.model_copy(update={"max_files": 10})
    draft_id = await extended(stage, "a")
    await stage.documents.drafts.change(draft_id, lambda draft: draft.extended(6, stage.clock()))
    for _ in range(4):
        stage.clock.step(UNDER_WAY.total_seconds())
        appends = (appended(stage.gateway(), draft_id, files=3) for _ in range(4))
        await asyncio.gather(*appends, return_exceptions=True)
        totals = await stage.documents.appends.totals(draft_id)
        assert totals.images <= 10
        assert totals.images <= (await draft_now(stage, draft_id)).claimed_images
    assert totals.images == 8


async def test_an_append_that_is_under_way_keeps_its_images() -> None:
    """Whether there is room beside them is known once they are recorded, or too old for that."""
    stage = Stage()
    stage.settings = stage.settings.model_copy(update={"max_files": 5})
    draft_id = await extended(stage, "a")
    await stage.documents.drafts.change(draft_id, lambda draft: draft.extended(3, stage.clock()))
    with pytest.raises(DocumentsUnavailableError, match="under way"):
        await appended(stage.gateway(), draft_id, "b")
    with pytest.raises(ApiError, match="too_many_files"):
        await appended(stage.gateway(), draft_id, "c", files=4)
    stage.clock.step(UNDER_WAY.total_seconds())
    assert (await appended(stage.gateway(), draft_id, "b")).received_images == 4


async def test_the_key_of_a_committed_draft_answers_for_a_day() -> None:
    """A client whose commit got lost begins anew, and must not upload everything a second time."""
    stage = Stage()
    first = await stage.gateway().drafts.begin(FORM, "jeju")
    await appended(stage.gateway(), first.id, "a")
    batch = await stage.gateway().draft_commits.commit(first.id)
    stage.clock.step(stage.settings.draft_expiry_seconds - 1)
    for _ in range(2):
        await swept(stage)
    assert (await stage.gateway().drafts.begin(FORM, "jeju")).id == first.id
    await assert_whole(stage, batch, 2, tidy=True)
