"""One image over HTTP: all that is known of it, and what became of it each time."""

from typing import Any

from shared.documents import Chunk, Outcome
from tests.fakes import START
from tests.unit.gateway.conftest import JPEG, Gateway

DONE = Outcome(state="completed", worker="w2", duration_ms=90, timings_ms={"decode": 4})
FAILED = Outcome(state="failed", code="timeout", message="It took too long.", worker="w1")


async def detail(gateway: Gateway, batch_id: str, index: int) -> dict[str, Any]:
    """What is answered of an image, in English."""
    answer = await gateway.client.get(f"/pipeline/batch/{batch_id}/images/{index}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def uploaded(gateway: Gateway) -> str:
    """A batch of three images."""
    answer = await gateway.upload(("a.jpg", JPEG), ("b.jpg", JPEG), ("c.jpg", JPEG))
    batch_id: str = answer.json()["data"]["batch_id"]
    return batch_id


def chunk(batch_id: str, number: int, generation: int, **outcomes: Outcome) -> Chunk:
    """A chunk of all three images with outcomes given as `i1=DONE`."""
    begun = Chunk(batch_id=batch_id, number=number, generation=generation, indexes=(0, 1, 2), lease_until=START)
    return begun.claimed("w", START, START).folded({int(name[1:]): outcome for name, outcome in outcomes.items()})


async def test_an_image_that_was_developed_is_shown_with_everything(gateway: Gateway) -> None:
    """What the list says of it, who developed it, how long that took, and where it is among the others."""
    batch_id = await uploaded(gateway)
    await gateway.ports.chunks.add([chunk(batch_id, 0, 0, i1=DONE)])
    shown = await detail(gateway, batch_id, 1)
    listed = (await gateway.client.get(f"/pipeline/batch/{batch_id}/images")).json()["data"]["images"][1]
    assert {name: shown[name] for name in listed} == listed
    assert (shown["worker"], shown["duration_ms"], shown["timings_ms"]) == ("w2", 90, {"decode": 4})
    assert (shown["generation"], shown["chunk"]) == (0, {"number": 0, "attempts": 1})
    assert shown["history"] == [{"generation": 0, "state": "completed", "code": None, "message": None}]
    assert (shown["previous"], shown["next"]) == (0, 2)


async def test_an_image_before_its_development_has_no_outcome(gateway: Gateway) -> None:
    """In a chunk, or in none yet."""
    batch_id = await uploaded(gateway)
    for known in (None, {"number": 0, "attempts": 1}):
        shown = await detail(gateway, batch_id, 0)
        assert (shown["outcome"], shown["worker"], shown["duration_ms"]) == ("pending", None, None)
        assert (shown["generation"], shown["chunk"], shown["history"]) == (None, known, [])
        assert (shown["previous"], shown["next"]) == (None, 1)
        await gateway.ports.chunks.add([chunk(batch_id, 0, 0)])


async def test_the_history_of_an_image_tells_each_generation(gateway: Gateway) -> None:
    """The oldest first; what a retry has not ended yet is not in it, and what a later one made not either."""
    batch_id = await uploaded(gateway)
    chunks = [chunk(batch_id, 0, 0, i2=FAILED), chunk(batch_id, 1, 1, i2=DONE), chunk(batch_id, 2, 2, i2=FAILED)]
    await gateway.ports.chunks.add(chunks)
    await gateway.ports.batches.change(batch_id, lambda batch: batch.changed(START, generation=1))
    shown = await detail(gateway, batch_id, 2)
    failure = {"generation": 0, "state": "failed", "code": "timeout", "message": "It took too long."}
    assert shown["history"] == [failure, {"generation": 1, "state": "completed", "code": None, "message": None}]
    assert (shown["outcome"], shown["generation"], shown["worker"], shown["next"]) == ("completed", 1, "w2", None)
    assert shown["chunk"]["number"] == 1


async def test_an_image_that_the_batch_does_not_have_is_a_404(gateway: Gateway) -> None:
    """With the last index that there is."""
    batch_id = await uploaded(gateway)
    answer = await gateway.client.get(f"/pipeline/batch/{batch_id}/images/3")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "image_not_found")
