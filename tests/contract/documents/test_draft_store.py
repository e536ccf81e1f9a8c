"""What every store of drafts and of their appends promises."""

import asyncio
from datetime import timedelta

import pytest

from shared.documents import Append, AppendedFiles, Draft, DraftTotals, ManifestEntry, UnfitReason
from shared.errors import DraftUnknownError
from shared.ports import AppendStore, DraftStore
from shared.recipes import BUILT_IN_RECIPES
from tests.fakes import START


def a_draft(id_: str = "d", *, key: str | None = None, minutes: int = 0) -> Draft:
    """An open draft."""
    at = START + timedelta(minutes=minutes)
    recipe = BUILT_IN_RECIPES["web"]
    return Draft(
        id=id_, name="holiday", recipe=recipe, chunk_size=10, idempotency_key=key, created_at=at, updated_at=at
    )


def an_append(number: int, *, files: int = 2, position: int = 0, key: str | None = None, draft: str = "d") -> Append:
    """An append whose last file is unfit."""
    reason = UnfitReason(code="not_an_image", message="No image.")
    entries = [ManifestEntry(index=n, name=f"{n}.jpg", size_bytes=10, stored_as=f"a/{n}") for n in range(files)]
    entries[-1] = entries[-1].model_copy(update={"unfit": reason})
    over = {"number": number, "position": position, "key": key}
    return Append.of(f"a{number}", draft, tuple(entries)).model_copy(update=over)


async def test_a_draft_is_found_by_its_id_and_by_its_key(drafts: DraftStore) -> None:
    """As it was recorded."""
    draft = a_draft(key="jeju")
    assert await drafts.add(draft)
    assert await drafts.get("d") == await drafts.of_key("jeju") == draft
    assert await drafts.get("x") is None
    assert await drafts.of_key("x") is None


async def test_ids_and_keys_are_taken_once(drafts: DraftStore) -> None:
    """Of several at once, one is recorded; drafts without a key do not meet."""
    added = await asyncio.gather(*(drafts.add(a_draft(f"d{n}", key="jeju")) for n in range(5)))
    assert sorted(added) == [False] * 4 + [True]
    assert await drafts.add(a_draft("d9"))
    assert not await drafts.add(a_draft("d9"))
    assert await drafts.add(a_draft("d8"))


async def test_changes_at_the_same_time_all_count(drafts: DraftStore) -> None:
    """Each takes a place of its own."""
    await drafts.add(a_draft())
    changed = await asyncio.gather(*(drafts.change("d", lambda draft: draft.extended(2, START)) for _ in range(20)))
    assert sorted(draft.places for draft in changed) == list(range(1, 21))
    found = await drafts.get("d")
    assert found is not None
    assert (found.places, found.claimed_images, found.version) == (20, 40, 20)
    with pytest.raises(DraftUnknownError):
        await drafts.change("x", lambda draft: draft)


async def test_open_drafts_are_listed_from_the_newest(drafts: DraftStore) -> None:
    """The others are not, and a sweep still finds them, page by page."""
    for minutes, id_ in enumerate("abcd"):
        await drafts.add(a_draft(id_, minutes=minutes))
    await drafts.change("b", lambda draft: draft.closed("committing", START))
    assert [draft.id for draft in await drafts.newest_open(2)] == ["d", "c"]
    assert [draft.id for draft in await drafts.newest_open(9)] == ["d", "c", "a"]
    for place, others in (("d", ["c", "a"]), ("c", ["a"]), ("a", [])):
        found = await drafts.get(place)
        assert found is not None
        assert [draft.id for draft in await drafts.newest_open(9, (found.created_at, place))] == others
    assert list(await drafts.newest_open(0)) == list(await drafts.all(0)) == []
    assert [draft.id for draft in await drafts.all(2, "a")] == ["b", "c"]
    await drafts.remove("b")
    await drafts.remove("b")
    assert [draft.id for draft in await drafts.all(9)] == ["a", "c", "d"]


async def test_drafts_of_one_moment_are_listed_by_their_ids(drafts: DraftStore) -> None:
    """So that each is on one page, wherever the page before ended."""
    for id_ in "cab":
        await drafts.add(a_draft(id_))
    assert [draft.id for draft in await drafts.newest_open(9)] == ["a", "b", "c"]
    assert [draft.id for draft in await drafts.newest_open(9, (START, "a"))] == ["b", "c"]


async def test_a_key_that_was_given_back_may_be_taken_again(drafts: DraftStore) -> None:
    """A draft that was given up has none."""
    await drafts.add(a_draft("a", key="jeju"))
    await drafts.change("a", lambda draft: draft.closed("deleted", START))
    assert await drafts.of_key("jeju") is None
    assert await drafts.add(a_draft("b", key="jeju"))


async def test_places_and_keys_of_appends_are_taken_once(appends: AppendStore) -> None:
    """Within their draft; of several at once, one is recorded."""
    added = await asyncio.gather(*(appends.add(an_append(number, key="k")) for number in range(5)))
    assert sorted(added) == [False] * 4 + [True]
    assert await appends.add(an_append(9, files=3))
    assert not await appends.add(an_append(9))
    assert await appends.add(an_append(9, key="k", draft="other"))
    first = await appends.of_key("d", "k")
    assert first is not None
    assert first == an_append(first.number, key="k")
    assert await appends.of_key("d", "x") is None


async def test_appends_come_in_the_order_of_position_and_number(appends: AppendStore) -> None:
    """Page by page, whatever was recorded first."""
    places = [(5, 0), (0, 3), (5, 1), (0, 2), (7, 4)]
    await asyncio.gather(*(appends.add(an_append(number, position=position)) for position, number in places))
    await appends.add(an_append(0, draft="other"))
    found: list[tuple[int, int]] = []
    while page := await appends.page("d", 2, found[-1] if found else None):
        found += [(append.position, append.number) for append in page]
    assert found == sorted(places)
    assert list(await appends.page("d", 0)) == []


async def test_the_files_of_appends_come_in_the_same_order_without_the_rest(appends: AppendStore) -> None:
    """Of an append without entries too: it has a place in the order."""
    await appends.add(an_append(0, position=5, files=3))
    await appends.add(Append(id="", draft_id="d", number=2, position=7))
    await appends.add(an_append(1, position=5))
    await appends.add(an_append(0, draft="other"))
    found: list[AppendedFiles] = []
    while page := await appends.files("d", 2, (found[-1].position, found[-1].number) if found else None):
        found += page
    whole = await appends.page("d", 9)
    assert [(files.position, files.number) for files in found] == [(5, 0), (5, 1), (7, 2)]
    assert [files.names for files in found] == [tuple(entry.name for entry in append.entries) for append in whole]
    assert [files.sizes for files in found] == [tuple(entry.size_bytes for entry in append.entries) for append in whole]
    assert list(await appends.files("d", 0)) == []


async def test_sums_and_numbers_are_those_of_all_appends(appends: AppendStore) -> None:
    """Also of one without files, which only keeps a place."""
    assert await appends.totals("d") == DraftTotals()
    for number in (0, 1, 4):
        await appends.add(an_append(number))
    await appends.add(Append(id="", draft_id="d", number=2))
    assert await appends.totals("d") == DraftTotals(appends=4, images=6, unfit_images=3, size_bytes=60)
    assert list(await appends.numbers("d", 0, 3)) == [0, 1, 2]
    assert list(await appends.numbers("d", 3, 100)) == [4]


async def test_drafts_keep_their_appends_apart(appends: AppendStore) -> None:
    """Removing those of one leaves the others, and gives its keys back; it may be repeated."""
    await appends.add(an_append(0, key="k"))
    await appends.add(an_append(0, key="k", draft="other"))
    await appends.remove("d")
    await appends.remove("d")
    assert list(await appends.page("d", 10)) == []
    assert await appends.of_key("d", "k") is None
    assert await appends.add(an_append(0, key="k"))
    assert await appends.of_key("other", "k") == an_append(0, key="k", draft="other")
