"""Every service says that it is not ready while it cannot do its work, and why."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.chaos.objects_away import ObjectsFolder
from tests.integration.broker.cuttable_network import CuttableNetwork
from tests.integration.broker.traffic import Eventually
from tests.processes import SERVICES, RunningProcess, free_port

Services = Mapping[str, tuple[RunningProcess, str]]
"""Each service's process, and the address of its readiness."""

CONSUMED: Mapping[str, set[str]] = {
    "gateway": {"consume progress"},
    "chunker": {"consume chunker.work"},
    "worker": {f"consume worker.chunks.{priority}" for priority in ("express", "high", "normal", "low")},
    "tracker": {"consume tracker.results"},
}


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[CuttableNetwork]:
    """The way to an empty MongoDB; its `url` leads through it."""
    network = CuttableNetwork(mongodb_url)
    await network.open()
    yield network
    await network.close()


@pytest.fixture
async def services(network: CuttableNetwork, database: CuttableNetwork, tmp_path: Path) -> AsyncIterator[Services]:
    """Every service as a process of its own."""
    services = {name: started(name, network.url, database.url, tmp_path) for name in SERVICES}
    yield services
    # In threads: this one's event loop is the way to the servers, to which they say goodbye.
    await asyncio.gather(*(asyncio.to_thread(process.stop) for process, _ in services.values()))


def started(name: str, rabbitmq_url: str, mongodb_url: str, folder: Path) -> tuple[RunningProcess, str]:
    """Start one service; answers it with the address of its readiness."""
    port = free_port()
    environment = {
        "PATH": "/usr/bin:/bin",
        "DARKROOM_RABBITMQ_URL": rabbitmq_url,
        "DARKROOM_MONGODB_URL": mongodb_url,
        "DARKROOM_OBJECTS_URL": str(folder / "objects"),
        "DARKROOM_PORT" if name == "gateway" else "DARKROOM_HEALTH_PORT": str(port),
    }
    process = RunningProcess(name, [sys.executable, "-m", f"services.{name}"], environment, folder / f"{name}.log")
    return process, f"http://127.0.0.1:{port}/readyz"


async def test_each_is_ready_only_while_it_reaches_the_broker_and_the_database(
    network: CuttableNetwork, database: CuttableNetwork, services: Services, eventually: Eventually
) -> None:
    """It waits for a broker that is not there yet, and recovers by itself from whatever it loses."""

    async def all_wait_for_the_broker() -> bool:
        found = await problems_of(services)
        return all("start" in found[name] for name in services if name != "gateway")  # which has no port before

    async def all_are_ready() -> bool:
        return not any((await problems_of(services)).values())

    async def none_has_a_broker() -> bool:
        found = await problems_of(services)
        return all(found[name] >= CONSUMED[name] | {"publish"} for name in services)

    async def none_has_a_database() -> bool:
        return all("mongodb" in problems for problems in (await problems_of(services)).values())

    network.refuse()
    await eventually(all_wait_for_the_broker)
    network.accept()
    await eventually(all_are_ready)
    network.refuse()
    await eventually(none_has_a_broker)
    network.accept()
    await eventually(all_are_ready)
    database.refuse()
    await eventually(none_has_a_database)
    database.accept()
    await eventually(all_are_ready)


async def test_those_that_use_objects_are_ready_only_while_their_store_is_there(
    services: Services, eventually: Eventually, tmp_path: Path
) -> None:
    """Whatever is in its place: a file, or the empty folder of a volume that is not mounted. No restart is needed."""

    async def all_are_ready() -> bool:
        return not any((await problems_of(services)).values())

    async def those_without_objects_are_ready() -> bool:
        return await problems_of(services) == {
            "gateway": {"objects"},
            "worker": {"objects"},
            "chunker": set(),
            "tracker": set(),
        }

    await eventually(all_are_ready)
    store = ObjectsFolder(tmp_path)
    assert (await uploaded(services)).status_code == httpx.codes.OK
    for away in (store.take_away, store.empty):
        away()
        await eventually(those_without_objects_are_ready)
        refused = await uploaded(services)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "storage_unavailable")
        store.bring_back()
        await eventually(all_are_ready)
        assert (await uploaded(services)).status_code == httpx.codes.OK


async def test_a_gateway_that_starts_on_an_unmounted_store_does_not_take_it_for_a_new_one(
    services: Services, eventually: Eventually, tmp_path: Path
) -> None:
    """Batches are recorded whose images should be there: nothing is marked, and nothing taken that would be lost."""

    async def all_are_ready() -> bool:
        return not any((await problems_of(services)).values())

    async def gateway_is_not_ready() -> bool:
        return (await problems_of(services))["gateway"] == {"objects"}

    await eventually(all_are_ready)
    store = ObjectsFolder(tmp_path)
    assert (await uploaded(services)).status_code == httpx.codes.OK
    gateway, _ = services["gateway"]
    store.empty()
    await asyncio.to_thread(gateway.stop)
    gateway.restart()
    await eventually(gateway_is_not_ready)
    assert (await uploaded(services)).status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert not list(store.path.iterdir())
    store.bring_back()
    await eventually(all_are_ready)


async def uploaded(services: Services) -> httpx.Response:
    """The gateway's answer to a batch of one image."""
    _, url = services["gateway"]
    async with httpx.AsyncClient(timeout=30) as client:
        files = {"files": ("a.jpg", b"\xff\xd8\xff\xe0 and no more")}
        return await client.post(url.replace("/readyz", "/pipeline/batch"), data={"batch_name": "one"}, files=files)


async def problems_of(services: Services) -> dict[str, set[str]]:
    """The parts of each service that do not work; none of one that is ready."""
    found = {}
    async with httpx.AsyncClient(timeout=5) as client:
        for name, (process, url) in services.items():
            assert process.is_running, process.log_file.read_text()[-4000:]
            try:
                answer = await client.get(url)
            except httpx.TransportError:
                found[name] = {"no answer"}
            else:
                ready = answer.status_code == httpx.codes.OK
                found[name] = set() if ready else set(answer.json()["error"]["details"])
    return found
