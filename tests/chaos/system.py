"""The system under chaos: servers of its own, a proxy on each way to them, and every process in its place."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from shared.messaging.topology import work_queues
from tests.chaos.broker import BrokerControl
from tests.chaos.objects_away import ObjectsFolder
from tests.chaos.orders import Orders
from tests.chaos.processes import Life, Supervised, base_environment
from tests.chaos.proxy import Proxy, address_of, through
from tests.chaos.schedule import PLACES
from tests.processes import free_port
from tests.servers import Servers
from tests.servers.mongodb import with_database
from tests.servers.processes import ProcessGroup

QUEUE_AGE_SECONDS = 6.0
"""RabbitMQ may lose a quorum queue with all that is in it if it is killed within moments of the queue's declaration."""

READY_SECONDS = 90.0
DATABASE = "darkroom"

OnEnd = Callable[[Supervised, Life, int], None]


@dataclass(frozen=True)
class System:
    """Everything that faults can be done to."""

    folder: Path
    servers: Servers
    broker: BrokerControl
    objects: ObjectsFolder
    orders: Orders
    places: dict[str, Supervised]
    may_start: asyncio.Event

    @property
    def mongodb_url(self) -> str:
        """The database, not by way of any proxy."""
        return with_database(self.servers.mongodb_url, DATABASE)

    @property
    def gateway_urls(self) -> tuple[str, ...]:
        """Each gateway, by way of its proxy."""
        return tuple(f"http://127.0.0.1:{self.places[name].proxies['clients'].port}" for name in PLACES["gateway"])

    def undo_all(self) -> None:
        """Let everything that still stands or is held up go on; servers that are down are their fault's to start."""
        self.objects.bring_back()
        self.orders.duplicate(0.0)
        for place in self.places.values():
            for proxy in place.proxies.values():
                proxy.pass_on()
            place.signal(signal.SIGCONT)

    async def until_ready(self) -> None:
        """Return once both gateways are ready and every queue is there; AssertionError if that takes too long."""
        wanted = {queue.name for queue in work_queues()}
        async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient(timeout=2) as client:
            while not (await self._gateways_are_ready(client) and wanted <= self.broker.queue_names()):  # noqa: ASYNC110 - servers
                await asyncio.sleep(0.3)

    async def _gateways_are_ready(self, client: httpx.AsyncClient) -> bool:
        try:
            answers = [await client.get(f"{url}/readyz") for url in self.gateway_urls]
        except httpx.TransportError:
            return False
        return all(answer.status_code == httpx.codes.OK for answer in answers)


@asynccontextmanager
async def running_system(folder: Path, servers: Servers, on_end: OnEnd) -> AsyncIterator[System]:
    """Start everything, wait until the queues are old enough to be killed, and end everything at the end."""
    orders, objects, may_start = Orders(folder / "orders"), ObjectsFolder(folder), asyncio.Event()
    may_start.set()
    (folder / "processes").mkdir()
    group = ProcessGroup(folder / "processes")  # so that nothing outlives the harness, however that ends
    places = {
        name: await _place(name, service, folder, servers, group, orders, may_start, on_end)
        for service, names in PLACES.items()
        for name in names
    }
    system = System(folder, servers, BrokerControl(servers.rabbitmq), objects, orders, places, may_start)
    runs = [asyncio.create_task(place.run(), name=place.name) for place in places.values()]
    try:
        await system.until_ready()
        await asyncio.sleep(QUEUE_AGE_SECONDS)
        yield system
    finally:
        may_start.set()
        system.undo_all()
        await asyncio.gather(*(place.end() for place in places.values()))
        await asyncio.gather(*runs)
        for place in places.values():
            for proxy in place.proxies.values():
                await proxy.close()
        await asyncio.to_thread(group.close)


async def _place(
    name: str,
    service: str,
    folder: Path,
    servers: Servers,
    group: ProcessGroup,
    orders: Orders,
    may_start: asyncio.Event,
    on_end: OnEnd,
) -> Supervised:
    port = free_port()
    mongodb_url = with_database(servers.mongodb_url, DATABASE)
    proxies = {
        "rabbitmq": Proxy(f"{name} - rabbitmq", address_of(servers.rabbitmq_url, 5672)),
        "mongodb": Proxy(f"{name} - mongodb", address_of(mongodb_url, 27_017)),
    }
    if service == "gateway":
        proxies["clients"] = Proxy(f"{name} - clients", ("127.0.0.1", port))
    for proxy in proxies.values():
        await proxy.open()
    environment = {
        **base_environment(folder),
        "DARKROOM_PORT": str(port),
        "DARKROOM_RABBITMQ_URL": through(servers.rabbitmq_url, proxies["rabbitmq"]),
        "DARKROOM_MONGODB_URL": through(mongodb_url, proxies["mongodb"]),
    }
    return Supervised(
        name, service, environment, proxies, group, orders, folder / f"{name}.log", may_start=may_start, on_end=on_end
    )
