"""How the system is, over HTTP and for those who follow it."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.gateway.background import system_figures
from services.gateway.batches.followers import Followers
from services.gateway.batches.live_events import offer_system
from shared.documents import Chunk, WorkerRecord
from shared.errors import BrokerUnavailableError, DocumentsUnavailableError
from shared.messaging.topology import work_queues
from shared.ports import QueueDepth
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import Gateway


async def system_of(gateway: Gateway) -> dict[str, Any]:
    """What is answered about the system."""
    response = await gateway.client.get("/pipeline/system")
    assert response.status_code == 200
    data: dict[str, Any] = response.json()["data"]
    return data


async def test_the_system_is_shown_with_all_that_is_known(gateway: Gateway) -> None:
    """Parts, workers, queues, dead letters, and what an upload may have."""
    worker = WorkerRecord(
        id="a", host="h", slots=2, developed_images=1, images_in_hand=3, started_at=START, seen_at=START
    )
    await gateway.ports.workers.report(worker)
    gateway.broker.queues["tracker.results"].bury(b"{", "not a message")
    gateway.parts.readiness.report("mongodb", None)
    shown = await system_of(gateway)
    assert shown["ready"] is True
    assert shown["parts"]["mongodb"] is None
    assert [(each["id"], each["in_hand"]) for each in shown["workers"]] == [("a", 3)]
    assert [each["name"] for each in shown["queues"]] == [queue.name for queue in work_queues()]
    assert shown["dead_letters"] == 1
    assert shown["limits"] == {
        "max_files": 1500,
        "max_file_bytes": 100_000,
        "max_chunk_size": 50,
        "chunk_size": 10,
        "append_max_files": gateway.parts.settings.append_max_files,
        "append_max_bytes": gateway.parts.settings.append_max_bytes,
        "formats": ["jpeg", "png", "webp", "gif", "avif"],
    }
    assert (await gateway.client.head("/pipeline/system")).status_code == 200


async def test_the_age_of_the_oldest_waiting_chunk_is_shown(gateway: Gateway) -> None:
    """Not of one that is held by a pause, and of none that is claimed or in another queue."""
    for name, priority in (("paused", "normal"), ("going", "normal"), ("other", "low")):
        batch = new_batch(name, now=START).model_copy(update={"priority": priority, "paused": name == "paused"})
        await gateway.ports.batches.add(batch)
    released = {("paused", 0): 90, ("going", 0): 60, ("going", 1): 30, ("other", 0): 5}
    for (batch_id, number), seconds in released.items():
        chunk = Chunk(
            batch_id=batch_id,
            number=number,
            indexes=(number,),
            priority="low" if batch_id == "other" else "normal",
            released_at=START - timedelta(seconds=seconds),
            lease_until=START + timedelta(seconds=60),
        )
        await gateway.ports.chunks.add([chunk])
    await gateway.ports.chunks.claim("going:0", "w", START, START + timedelta(seconds=60))
    ages = {queue["name"]: queue["oldest_seconds"] for queue in (await system_of(gateway))["queues"]}
    assert {name: age for name, age in ages.items() if age is not None} == {
        "worker.chunks.normal": 30.0,
        "worker.chunks.low": 5.0,
    }


async def test_a_part_that_does_not_work_is_named(gateway: Gateway) -> None:
    """The answer is a success all the same: the page is looked at most when something is wrong."""
    gateway.parts.readiness.report("rabbitmq", "no answer")
    shown = await system_of(gateway)
    assert shown["ready"] is False
    assert shown["parts"]["rabbitmq"] == "no answer"


async def test_what_a_server_knows_that_is_away_is_null(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what the others know is shown; one that is silent is not waited for."""
    monkeypatch.setattr(system_figures, "PATIENCE_SECONDS", 0.01)

    async def silent() -> Sequence[QueueDepth]:
        await asyncio.sleep(3600)
        raise BrokerUnavailableError("away")

    async def away(_moment: datetime) -> Sequence[WorkerRecord]:
        raise DocumentsUnavailableError("away")

    monkeypatch.setattr(gateway.ports.queue_depths, "depths", silent)
    monkeypatch.setattr(gateway.ports.workers, "seen_since", away)
    shown = await system_of(gateway)
    assert (shown["queues"], shown["dead_letters"], shown["workers"]) == (None, None, None)
    assert shown["limits"]["chunk_size"] == 10


async def test_many_who_ask_at_once_are_answered_with_one_read(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures may be a second old."""
    reads = 0
    depths = gateway.ports.queue_depths.depths

    async def counted() -> Sequence[QueueDepth]:
        nonlocal reads
        reads += 1
        return await depths()

    monkeypatch.setattr(gateway.ports.queue_depths, "depths", counted)
    await asyncio.gather(*(system_of(gateway) for _ in range(5)))
    assert reads == 1


async def test_followers_of_the_system_get_what_is_answered(gateway: Gateway) -> None:
    """Read once for all of them, and not at all without any."""
    followers = Followers()
    reads = 0

    async def read() -> Any:
        nonlocal reads
        reads += 1
        return await gateway.parts.system.read()

    await offer_system(read, followers)
    with (
        followers.follow(["system"]) as one,
        followers.follow(["batches", "system"]) as both,
        followers.follow(["batches"]) as other,
    ):
        await offer_system(read, followers)
        for slot in (one, both):
            events = await slot.take()
            assert events is not None
            assert json.loads(events["system"]) == await system_of(gateway)
        assert not other._woken.is_set()
    assert reads == 1
