"""What headers announce, on its way into the manifest and the predicted cost of a batch."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

from shared.costs import CostPredictor, ImageFacts, MeasuredImage, recipe_key
from shared.documents import Batch, CostModel, ManifestEntry
from shared.errors import DocumentsUnavailableError
from shared.recipes import BUILT_IN_RECIPES
from tests.fakes import START
from tests.unit.gateway.conftest import Gateway

WEB = BUILT_IN_RECIPES["web"]
SIZES = {"jpeg": (640, 480), "png": (64, 48), "webp": (300, 200), "gif": (20, 10), "avif": (90, 60)}


def encoded(image_format: str) -> bytes:
    """A real file of the format's size."""
    file = io.BytesIO()
    Image.new("RGB", SIZES[image_format]).save(file, image_format)
    return file.getvalue()


async def recorded(gateway: Gateway, batch_id: str) -> tuple[Batch, Sequence[ManifestEntry]]:
    """A batch and its manifest."""
    batch = await gateway.ports.batches.get(batch_id)
    assert batch is not None
    return batch, await gateway.ports.manifests.entries(batch_id, 0, 1000)


async def uploaded(gateway: Gateway, *files: bytes) -> tuple[Batch, Sequence[ManifestEntry]]:
    """The batch that these files make."""
    answer = await gateway.upload(*((f"{number}.jpg", data) for number, data in enumerate(files)))
    assert answer.status_code == 200, answer.text
    return await recorded(gateway, answer.json()["data"]["batch_id"])


@pytest.mark.parametrize("padding", [0, 40_000])
async def test_the_manifest_says_what_headers_announce(gateway: Gateway, padding: int) -> None:
    """Of small files and of those that are streamed into the store, whatever their names are."""
    batch, entries = await uploaded(gateway, *(encoded(name) + bytes(padding) for name in SIZES))
    assert [(entry.format, (entry.width, entry.height)) for entry in entries] == list(SIZES.items())
    costs = [CostPredictor(WEB).cost_ms(entry.facts) for entry in entries if entry.facts]
    assert batch.cost_profile is not None
    assert batch.cost_profile.images == len(SIZES)
    assert batch.cost_profile.total_ms == pytest.approx(sum(costs), abs=len(costs))


async def test_a_header_that_lies_or_is_damaged_stops_nothing(gateway: Gateway, jpeg: bytes) -> None:
    """It is found out when the image is developed; a file that is no image costs next to nothing."""
    huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff" + bytes(2000)
    batch, entries = await uploaded(gateway, jpeg, huge, b"a text")
    assert [(entry.format, entry.width, entry.height) for entry in entries] == [
        ("jpeg", None, None),
        ("png", None, None),
        (None, None, None),
    ]
    assert entries[2].facts is None
    assert batch.cost_ms([2]) <= 2


async def test_a_draft_has_what_its_appends_announce(gateway: Gateway) -> None:
    """In the order of the batch."""
    begun = await gateway.client.post("/pipeline/batch?draft=true", json={"batch_name": "holiday"})
    draft_id = begun.json()["data"]["draft_id"]
    for name, position in (("png", 1), ("jpeg", 0)):
        parts: list[Any] = [("position", (None, str(position))), ("files", (f"a.{name}", encoded(name)))]
        assert (await gateway.client.post(f"/pipeline/batch/{draft_id}/images", files=parts)).status_code < 300
    assert (await gateway.client.post(f"/pipeline/batch/{draft_id}/commit")).status_code == 200
    batch, entries = await recorded(gateway, draft_id)
    assert [(entry.format, entry.width) for entry in entries] == [("jpeg", 640), ("png", 64)]
    assert batch.cost_profile is not None
    assert batch.cost_ms([0]) > batch.cost_ms([1])


def lesson(model: CostModel) -> CostModel:
    """Have JPEGs cost twenty times as much as the table says."""
    facts = ImageFacts(100_000, "jpeg", 300_000)
    cost_ms = 20 * CostPredictor(WEB).cost_ms(facts)
    return model.learnt(WEB, [MeasuredImage(facts, cost_ms)] * 100, START)


async def test_what_was_learnt_counts_for_the_next_batch(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where it cannot be read, the shipped table does: no upload fails for it."""
    before, _ = await uploaded(gateway, encoded("jpeg"))
    await gateway.ports.cost_models.change(recipe_key(WEB), lesson)
    after, _ = await uploaded(gateway, encoded("jpeg"))
    assert after.cost_ms([0]) > 5 * before.cost_ms([0])

    async def away(_key: str) -> None:
        raise DocumentsUnavailableError("away")

    monkeypatch.setattr(gateway.ports.cost_models, "get", away)
    without, _ = await uploaded(gateway, encoded("jpeg"))
    assert without.cost_ms([0]) == before.cost_ms([0])
