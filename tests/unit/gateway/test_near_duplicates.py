"""Images that look alike, grouped by their perceptual hashes."""

import asyncio
from random import Random
from typing import Any

import pytest
from PIL import Image

from services.gateway.answers.schemas import EXAMPLE_ID
from services.gateway.collecting import near_duplicates
from services.gateway.collecting.image_pages import ImagePage, Images
from services.gateway.collecting.near_duplicates import MAX_KEPT, alike
from services.worker.imaging.readouts.difference_hash import dhash64
from shared.documents import Chunk, ManifestEntry, ManifestPage, Original, Outcome, Readings
from shared.recipes import Readouts
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import JPEG, Gateway


def grouped_slowly(hashes: dict[int, int], bits: int) -> list[list[int]]:
    """Every image compared with every other."""
    groups: list[set[int]] = []
    for index, value in hashes.items():
        near = [group for group in groups if any((hashes[i] ^ value).bit_count() <= bits for i in group)]
        groups = [group for group in groups if group not in near] + [{index}.union(*near)]
    return sorted(sorted(group) for group in groups if len(group) > 1)


@pytest.mark.parametrize("bits", [0, 3, 7])
@pytest.mark.parametrize("seed", range(8))
def test_groups_are_those_of_comparing_all_with_all(seed: int, bits: int) -> None:
    """Chains included: an image is in the group of whatever it is near to."""
    chance = Random(seed)
    seeds = [chance.getrandbits(64) for _ in range(6)]
    hashes = {}
    for index in range(40):
        value = chance.choice(seeds)
        for bit in chance.sample(range(64), chance.randrange(9)):
            value ^= 1 << bit
        hashes[index] = value
    assert alike(hashes, bits) == (grouped_slowly(hashes, bits), True)


def test_the_same_hash_many_times_is_compared_once() -> None:
    """A batch of one photograph is no work."""
    assert alike(dict.fromkeys(range(10_000), 7), 7) == ([list(range(10_000))], True)


def test_work_is_bounded_and_what_is_left_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes may be made to be nearly the same."""
    monkeypatch.setattr(near_duplicates, "_MAX_COMPARISONS", 100)
    assert alike({index: index << 8 for index in range(200)}, 1)[1] is False


async def test_images_without_a_gradient_are_not_alike_for_that(gateway: Gateway) -> None:
    """White, red and black pages have the same hash, which says nothing; one that is nearly it stands for itself."""
    response = await gateway.upload(*((f"{number}.jpg", JPEG) for number in range(5)))
    batch_id = response.json()["data"]["batch_id"]
    flat = [dhash64(Image.new("RGB", (64, 48), colour)) for colour in ("white", "red", "black")]
    assert set(flat) == {"0" * 16}
    outcomes = {
        index: Outcome(
            state="completed", original=Original(width=64, height=48, format="png", readings=Readings(dhash64=value))
        )
        for index, value in enumerate([*flat, f"{1:016x}", f"{3:016x}"])
    }
    chunk = Chunk(batch_id=batch_id, number=0, indexes=tuple(range(5)), lease_until=START)
    await gateway.ports.chunks.add([chunk.folded(outcomes)])
    found = (await gateway.client.get(f"/pipeline/batch/{batch_id}/near-duplicates?bits=7")).json()["data"]
    assert (found["groups"], found["hashed_images"], found["complete"]) == ([[3, 4]], 2, True)


async def test_near_duplicates_of_a_batch_are_listed(gateway: Gateway) -> None:
    """Completed images with a hash only; others are in no group."""
    response = await gateway.upload(*((f"{number}.jpg", JPEG) for number in range(6)))
    batch_id = response.json()["data"]["batch_id"]
    hashes = {0: "ff00000000000000", 2: "ff00000000000003", 3: "0f0f0f0f0f0f0f0f", 4: None}
    outcomes = {
        index: Outcome(
            state="completed",
            original=Original(width=1, height=1, format="jpeg", readings=Readings(dhash64=value)),
        )
        for index, value in hashes.items()
    }
    outcomes[5] = Outcome(state="completed")
    chunk = Chunk(batch_id=batch_id, number=0, indexes=tuple(range(6)), lease_until=START)
    await gateway.ports.chunks.add([chunk.folded(outcomes)])
    path = f"/pipeline/batch/{batch_id}/near-duplicates"
    assert (await gateway.client.get(path)).json()["data"] == {
        "groups": [[0, 2]],
        "hashed_images": 3,
        "complete": True,
        "next_cursor": None,
        "note": None,
    }
    assert (await gateway.client.get(f"{path}?bits=1")).json()["data"]["groups"] == []
    assert (await gateway.client.get(f"{path}?bits=8")).status_code == 422


async def hashed_batch(gateway: Gateway, images: int, readouts: Readouts) -> str:
    """A batch of images that are all alike, by a recipe with these readouts."""
    batch = new_batch(EXAMPLE_ID, total_images=images)
    batch = batch.changed(START, recipe=batch.recipe.model_copy(update={"readouts": readouts}))
    await gateway.ports.batches.add(batch)
    entries = tuple(ManifestEntry(index=index, name=f"{index}.jpg", size_bytes=1) for index in range(images))
    await gateway.ports.manifests.add(ManifestPage(batch_id=batch.id, page=0, entries=entries))
    readings = Readings(dhash64="ff" * 8 if readouts.perceptual_hash else None)
    original = Original(width=1, height=1, format="jpeg", readings=readings)
    outcomes = {index: Outcome(state="completed", original=original) for index in range(images)}
    chunk = Chunk(batch_id=batch.id, number=0, indexes=tuple(range(images)), lease_until=START)
    await gateway.ports.chunks.add([chunk.folded(outcomes)])
    return batch.id


@pytest.mark.parametrize(("language", "word"), [("ko", "레시피"), ("en", "recipe")])
async def test_an_answer_without_hashes_says_how_to_get_them(gateway: Gateway, language: str, word: str) -> None:
    """An empty list alone would say that no image looks like another."""
    batch_id = await hashed_batch(gateway, 3, Readouts())
    path = f"/pipeline/batch/{batch_id}/near-duplicates"
    data = (await gateway.client.get(path, headers={"Accept-Language": language})).json()["data"]
    assert (data["groups"], data["hashed_images"], data["note"]["code"]) == ([], 0, "hashes_not_taken")
    assert word in data["note"]["message"]
    assert "perceptual_hash" in data["note"]["message"]


async def test_many_who_ask_the_same_cost_one_comparison(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the batch moves; other questions are compared one after another."""
    batch_id = await hashed_batch(gateway, 3, Readouts(perceptual_hash=True))
    running, compared = 0, 0
    page = Images.page

    async def counted(*args: Any) -> ImagePage:
        nonlocal running, compared
        running, compared = running + 1, compared + 1
        assert running == 1
        read = await page(*args)
        await asyncio.sleep(0)
        running -= 1
        return read

    monkeypatch.setattr(Images, "page", counted)
    path = f"/pipeline/batch/{batch_id}/near-duplicates"
    answers = await asyncio.gather(*(gateway.client.get(f"{path}?bits={n % 2}") for n in range(20)))
    assert {str(answer.json()["data"]["groups"]) for answer in answers} == {"[[0, 1, 2]]"}
    assert compared == 2
    await gateway.ports.batches.change(batch_id, lambda batch: batch.changed(START, completed_images=3))
    await gateway.client.get(path)
    assert compared == 3


async def test_what_is_kept_is_bounded(gateway: Gateway) -> None:
    """A client may ask for every page of every batch."""
    batch_id = await hashed_batch(gateway, MAX_KEPT + 5, Readouts(perceptual_hash=True))
    search = gateway.parts.near_duplicates
    batch = await gateway.ports.batches.get(batch_id)
    assert batch is not None
    for first in range(MAX_KEPT + 5):
        await search.find(batch, first, 0)
    assert len(search._found) == MAX_KEPT
