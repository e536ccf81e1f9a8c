"""Proofs over HTTP, on a whole pipeline in memory whose images are developed by a stand-in."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from darkroom.embedded import run_pipeline
from services.gateway.app import gateway_app
from services.gateway.edge.stack import behind_edge
from services.gateway.settings import GatewaySettings
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.wiring import GatewayParts
from services.worker.imaging.failures import ImageRejected
from shared.adapters.object_store import open_object_store
from shared.failure_codes import FailureCode
from shared.object_keys import original_key, originals_prefix, results_prefix
from shared.ports import Ports
from shared.running.lifecycle import Readiness, Stopping
from shared.wiring import open_memory_ports
from tests.fakes import START, FakeImageEngine, new_batch, until
from tests.unit.gateway.conftest import JPEG, Gateway
from tests.unit.gateway.stage import Stage

UNKNOWN = "7a1c2b3d-0000-4000-8000-000000000001"


@dataclass
class Darkroom:
    """A gateway with everything behind it, and a client of it."""

    ports: Ports
    parts: GatewayParts
    engine: FakeImageEngine
    client: httpx.AsyncClient

    async def make(self, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
        """Ask for a proof."""
        form = [(name, (None, value.encode())) for name, value in fields.items()]
        parts: list[tuple[str, Any]] = [*form, *(("file", file) for file in files)]
        headers = {"Accept-Language": "en"}
        return await self.client.post("/pipeline/proofs", files=parts or [("none", (None, b""))], headers=headers)

    async def upload(self, *files: tuple[str, bytes]) -> str:
        """Upload a batch and wait for its end; answers its id."""
        parts: list[tuple[str, Any]] = [("batch_name", (None, b"holiday")), *(("files", file) for file in files)]
        answer = await self.client.post("/pipeline/batch", files=parts)
        batch_id: str = answer.json()["data"]["batch_id"]

        async def has_ended() -> bool:
            batch = await self.ports.batches.get(batch_id)
            return batch is not None and batch.is_finished

        await until(has_ended)
        return batch_id

    async def counted(self) -> tuple[int, int, int]:
        """Images developed and failed, and batches finished, once the image of one more batch is counted."""
        await self.upload(("last.jpg", JPEG))
        everything = START, datetime.now(UTC) + timedelta(days=1)

        async def figures() -> tuple[int, int]:
            sums = await self.ports.statistics.work(60, *everything, 60)
            return sum(some.developed for some in sums), sum(some.failed for some in sums)

        async def are_written() -> bool:
            return (await figures())[0] > 0

        await until(are_written)
        finished = await self.ports.statistics.finished(*everything)
        return *(await figures()), sum(some.batches for some in finished)

    async def keys(self, batch_id: str) -> list[str]:
        """What is stored of a batch."""
        prefixes = (originals_prefix(batch_id), results_prefix(batch_id))
        return sorted([found.key for prefix in prefixes async for found in self.ports.objects.listed(prefix)])

    async def stored(self) -> list[str]:
        """Whatever is stored of any batch."""
        prefixes = ("originals/", "results/", "uploads/")
        return [found.key for prefix in prefixes async for found in self.ports.objects.listed(prefix)]


@pytest.fixture
def wait_seconds() -> float:
    """How long a proof is waited for; longer than any takes here."""
    return 10.0


@pytest.fixture
async def darkroom(wait_seconds: float) -> AsyncIterator[Darkroom]:
    """All services over memory."""
    settings = GatewaySettings(
        max_proof_bytes=100_000,
        proof_wait_seconds=wait_seconds,
        snapshot_interval_seconds=0.01,
        watch_refresh_seconds=0.05,  # hints come to nobody here
        concurrent_proofs=2,
    )
    stopping, engine = Stopping(), FakeImageEngine()
    async with open_memory_ports(open_object_store("memory://")) as ports:
        await ports.objects.mark()
        parts = GatewayParts(ports, settings, Readiness(), stopping)
        transport = httpx.ASGITransport(behind_edge(gateway_app(parts), settings, "127.0.0.1"))
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=20) as client,
            asyncio.TaskGroup() as tasks,
        ):
            relaying = tasks.create_task(parts.relay.run(stopping, Readiness()))
            tasks.create_task(parts.feed.run(stopping))
            pipeline = tasks.create_task(run_pipeline(ports, engine, stopping))
            yield Darkroom(ports, parts, engine, client)
            engine.go_on.set()
            stopping.set()
            await pipeline
            relaying.cancel()


async def test_a_file_is_developed_by_a_recipe_of_ones_own(darkroom: Darkroom) -> None:
    """The answer has the prints' addresses, sizes and times, and the bytes are there."""
    recipe = '{"name":"mine","steps":[],"outputs":[{"name":"one","format":"jpeg"}]}'
    answer = await darkroom.make(("IMG.jpg", JPEG), options=recipe)
    assert answer.status_code == 200, answer.text
    proof = answer.json()["data"]
    path, print_bytes = f"/pipeline/batch/{proof['proof_id']}/images/0", b"print of " + JPEG
    assert proof["state"] == "completed"
    assert proof["prints"] == [
        {"output": "one", "url": f"{path}/one", "media_type": "image/jpeg", "width": 4, "height": 3}
        | {"size_bytes": len(print_bytes), "sha256": sha256(print_bytes).hexdigest()}
    ]
    original = {"name": "IMG.jpg", "url": f"{path}/original", "size_bytes": len(JPEG)}
    assert proof["original"] == original | {"width": 40, "height": 30, "format": "jpeg"}
    assert proof["timings_ms"] == {"decode": 4}
    assert (proof["code"], proof["message"]) == (None, None)
    assert isinstance(proof["duration_ms"], int)
    assert (await darkroom.client.get(proof["prints"][0]["url"])).content == print_bytes
    assert (await darkroom.client.get(proof["original"]["url"])).content == JPEG
    again = await darkroom.client.get(proof["url"])
    assert (again.status_code, again.json()["data"]) == (200, proof)


async def test_an_image_of_a_batch_is_developed_from_a_copy(darkroom: Darkroom) -> None:
    """So that the batch may be deleted: the proof has an original of its own."""
    batch_id = await darkroom.upload(("a.jpg", JPEG), ("b.jpg", JPEG + b"b"))
    proof = (await darkroom.make(batch_id=batch_id, index="1", recipe="thumbnail")).json()["data"]
    assert (proof["state"], proof["original"]["name"], proof["original"]["size_bytes"]) == (
        "completed",
        "b.jpg",
        len(JPEG) + 1,
    )
    assert (await darkroom.client.delete(f"/pipeline/batch/{batch_id}")).status_code == 200
    await darkroom.parts.janitor.flush()
    assert await darkroom.keys(batch_id) == []
    assert original_key(proof["proof_id"], 0) in await darkroom.keys(proof["proof_id"])


async def test_a_proof_goes_first_and_is_neither_listed_nor_counted(darkroom: Darkroom) -> None:
    """It is a batch of one at high priority, whatever the form says beside it."""
    answer = await darkroom.make(("a.jpg", JPEG), priority="low", batch_name="x", chunk_size="7", recipe="web")
    batch = await darkroom.ports.batches.get(answer.json()["data"]["proof_id"])
    assert batch is not None
    assert (batch.priority, batch.total_images, batch.chunk_size, batch.is_proof) == ("high", 1, 1, True)
    assert (await darkroom.client.get("/pipeline/batch")).json()["data"] == []
    assert await darkroom.counted() == (1, 0, 1)


async def test_a_hostile_image_is_a_named_failure(darkroom: Darkroom) -> None:
    """The request succeeded, and says so: the image is at fault. It is no failure in the statistics."""
    darkroom.engine.instead[JPEG] = ImageRejected(FailureCode.TIMEOUT, "Too long.")
    answer = await darkroom.make(("bomb.jpg", JPEG))
    assert answer.status_code == 200
    proof = answer.json()["data"]
    assert (proof["state"], proof["code"], proof["prints"]) == ("failed", "timeout", [])
    assert proof["message"].endswith(".")
    del darkroom.engine.instead[JPEG]
    assert await darkroom.counted() == (1, 0, 1)


@pytest.mark.parametrize("data", [b"%PDF-1.7 and so on", b""])
async def test_a_file_that_is_no_image_is_refused_by_name(darkroom: Darkroom, data: bytes) -> None:
    """As an upload without an image is; nothing of it stays."""
    answer = await darkroom.make(("letter.pdf", data))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_images")
    assert "letter.pdf" in answer.json()["error"]["message"]
    assert "batch" not in answer.json()["error"]["message"]
    assert await darkroom.stored() == []


async def test_an_unfit_file_of_a_batch_is_refused_by_name(darkroom: Darkroom) -> None:
    """Its original was never stored."""
    batch_id = await darkroom.upload(("a.jpg", JPEG), ("letter.pdf", b"%PDF-1.7"))
    answer = await darkroom.make(batch_id=batch_id, index="1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_images")
    assert "letter.pdf" in answer.json()["error"]["message"]


async def test_an_original_that_is_gone_is_refused_by_name(darkroom: Darkroom) -> None:
    """The store has lost it; the rest of the upload is removed again."""
    batch_id = await darkroom.upload(("a.jpg", JPEG))
    await darkroom.ports.objects.remove(original_key(batch_id, 0))
    answer = await darkroom.make(batch_id=batch_id, index="0")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "proof_original_gone")
    assert {key.split("/")[1] for key in await darkroom.stored()} == {batch_id}


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 422, "proof_needs_image"),
        ({"recipe": "web"}, 422, "proof_needs_image"),
        ({"batch_id": UNKNOWN}, 422, "proof_source_invalid"),
        ({"index": "0"}, 422, "proof_source_invalid"),
        ({"batch_id": "../../etc", "index": "0"}, 422, "proof_source_invalid"),
        ({"batch_id": UNKNOWN, "index": "-1"}, 422, "proof_source_invalid"),
        ({"batch_id": UNKNOWN, "index": "1e3"}, 422, "proof_source_invalid"),
        ({"batch_id": UNKNOWN, "index": "9" * 500}, 422, "proof_source_invalid"),
        ({"batch_id": UNKNOWN, "index": "0"}, 404, "batch_not_found"),
    ],
)
async def test_a_form_without_a_clear_image_is_refused(
    darkroom: Darkroom, fields: dict[str, str], status: int, code: str
) -> None:
    """By its own code, with nothing left behind."""
    answer = await darkroom.make(**fields)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert await darkroom.stored() == []


async def test_two_images_are_refused(darkroom: Darkroom) -> None:
    """Two files, or a file and an image of a batch."""
    two = await darkroom.make(("a.jpg", JPEG), ("b.jpg", JPEG))
    both = await darkroom.make(("a.jpg", JPEG), batch_id=UNKNOWN, index="0")
    assert {answer.json()["error"]["code"] for answer in (two, both)} == {"proof_of_two_images"}
    assert await darkroom.stored() == []


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([b""], "proof_needs_image"),
        ([JPEG], None),
        ([b"", JPEG, b""], None),
        ([JPEG, JPEG], "proof_of_two_images"),
    ],
)
async def test_a_file_without_a_name_is_an_image_as_in_an_upload(
    darkroom: Darkroom, files: list[bytes], code: str | None
) -> None:
    """Without a name and without bytes it is a field in which nothing was chosen."""
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n'
    body = b"".join(head + file + b"\r\n" for file in files) + b"--edge--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    answer = (await darkroom.client.post("/pipeline/proofs", content=body, headers=headers)).json()
    assert (answer["data"]["state"] if code is None else answer["error"]["code"]) == (code or "completed")


async def test_an_image_that_a_batch_does_not_have_is_refused(darkroom: Darkroom) -> None:
    """The sentence says which it has."""
    batch_id = await darkroom.upload(("a.jpg", JPEG))
    answer = await darkroom.make(batch_id=batch_id, index="1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "image_not_found")


async def test_a_recipe_that_cannot_be_used_is_refused(darkroom: Darkroom) -> None:
    """An editor sends what is half typed."""
    for fields, code in (
        ({"options": '{"steps": 7}'}, "recipe_invalid"),
        ({"recipe": "nobody"}, "recipe_unknown"),
        ({"recipe": "web", "options": '{"name":"x","outputs":[]}'}, "recipe_and_options"),
    ):
        answer = await darkroom.make(("a.jpg", JPEG), **fields)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert await darkroom.stored() == []


async def test_a_request_that_is_too_large_is_refused_unread(darkroom: Darkroom) -> None:
    """An original of a batch is not bounded by this: it was an upload's."""
    answer = await darkroom.make(("a.jpg", JPEG + bytes(200_000)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
    batch_id = await darkroom.upload(("a.jpg", JPEG + bytes(200_000)))
    assert (await darkroom.make(batch_id=batch_id, index="0")).status_code == 200


async def test_there_is_no_proof_of_an_unknown_id_or_of_a_batch(darkroom: Darkroom) -> None:
    """A batch is found under its own address."""
    batch_id = await darkroom.upload(("a.jpg", JPEG))
    for unknown in (UNKNOWN, batch_id):
        answer = await darkroom.client.get(f"/pipeline/proofs/{unknown}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "proof_not_found")


@pytest.mark.parametrize("wait_seconds", [0.05])
async def test_a_proof_that_waits_for_a_worker_is_answered_with_its_address(darkroom: Darkroom) -> None:
    """202 again until it is done, and then the prints."""
    darkroom.engine.go_on.clear()
    answer = await darkroom.make(("a.jpg", JPEG))
    assert answer.status_code == 202, answer.text
    proof = answer.json()["data"]
    assert (proof["state"], proof["prints"], proof["duration_ms"]) == ("pending", [], None)
    assert (await darkroom.client.get(proof["url"])).status_code == 202
    darkroom.engine.go_on.set()

    async def is_done() -> bool:
        return (await darkroom.client.get(proof["url"])).status_code == 200

    await until(is_done)
    assert (await darkroom.client.get(proof["url"])).json()["data"]["state"] == "completed"


@pytest.mark.parametrize("wait_seconds", [600.0])
async def test_a_proof_whose_client_left_is_given_up(darkroom: Darkroom) -> None:
    """An editor that sends the next one has no use for it; its place is free at once."""
    darkroom.engine.go_on.clear()
    left = asyncio.Event()
    proof = await darkroom.parts.proofs.submit(a_file())
    following = asyncio.create_task(darkroom.parts.proofs.follow(proof.id, left.wait()))
    await until(lambda: darkroom.engine.at_work == 1)
    left.set()
    given_up = await following
    assert (given_up.status, given_up.deleted_at is not None) == ("REVOKED", True)
    darkroom.engine.go_on.set()
    await darkroom.parts.janitor.flush()
    assert original_key(proof.id, 0) not in await darkroom.keys(proof.id)
    assert (await darkroom.client.get(f"/pipeline/proofs/{proof.id}")).status_code == 404


async def a_file() -> AsyncIterator[PartEvent]:
    """The form of a proof of one file."""
    for event in (PartBegan("file", "a.jpg"), JPEG, PartEnded()):
        yield event


async def test_many_proofs_at_once_are_bounded(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """What finds no place in time is to come again."""
    limit = gateway.parts.proofs.limit
    monkeypatch.setattr(limit, "_patience_seconds", 0.01)
    places = [limit.enter() for _ in range(gateway.parts.settings.concurrent_proofs)]
    for place in places:
        await place.__aenter__()
    answer = await gateway.client.post("/pipeline/proofs", files=[("file", ("a.jpg", JPEG))])
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "too_many_proofs")
    assert int(answer.headers["Retry-After"]) >= 1
    for place in places:
        await place.__aexit__(None, None, None)


async def test_a_janitor_removes_a_proof_when_its_time_is_over() -> None:
    """With every byte; one that has not ended ends by it. Other batches stay."""
    stage = Stage()
    await stage.record_finished("7a1c2b3d-0000-4000-8000-000000000002")
    gateway = stage.gateway()
    proofs = [await gateway.proofs.submit(a_file()) for _ in range(2)]
    await stage.documents.batches.change(proofs[0].id, lambda b: b.changed(stage.clock(), status="SUCCESS"))
    stage.clock.step(stage.settings.proof_expiry_seconds - 1)
    await gateway.janitor.sweep()
    await gateway.janitor.flush()
    assert not await stage.is_empty(proofs[0].id)
    stage.clock.step(1)
    await gateway.janitor.sweep()
    await gateway.janitor.flush()
    for proof in proofs:
        assert await stage.is_empty(proof.id)
        found = await stage.batch(proof.id)
        assert found is not None
        assert found.deleted_at is not None
        assert found.is_finished
    assert not await stage.is_empty("7a1c2b3d-0000-4000-8000-000000000002")
    assert await stage.documents.batches.expired_proofs(stage.clock(), 10) == []
    stage.clock.step(stage.settings.tombstone_seconds)
    await gateway.janitor.sweep()
    assert await stage.batch(proofs[0].id) is None


def test_a_batch_that_is_no_proof_does_not_expire() -> None:
    """Whoever asks for it."""
    batch = new_batch()
    assert batch.proof_expired(START) is batch
