"""Find the servers: addresses from the environment, then Docker, then native, both servers at once."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from tests.servers.containers import ContainerMongodb, ContainerRabbitmq
from tests.servers.given import GivenServer
from tests.servers.mongodb import MongodbAddress
from tests.servers.native_mongodb import NativeMongodb
from tests.servers.native_rabbitmq import NativeRabbitmq
from tests.servers.rabbitmq import RabbitmqAddress, given_rabbitmq
from tests.servers.server import AddressT, Server, ServerUnavailable
from tests.servers.settings import ServerSettings

INSTALL = "DARKROOM_TEST_SERVERS=native deploy/install-test-servers.sh"


@dataclass(frozen=True)
class Servers:
    """Servers that were started side by side; each property raises `ServerUnavailable` if there is none."""

    starting_rabbitmq: Future[Server[RabbitmqAddress]]
    starting_mongodb: Future[Server[MongodbAddress]]

    @property
    def rabbitmq(self) -> Server[RabbitmqAddress]:
        """The RabbitMQ server, taking work."""
        return self.starting_rabbitmq.result()

    @property
    def mongodb(self) -> Server[MongodbAddress]:
        """The MongoDB server, with its primary elected."""
        return self.starting_mongodb.result()

    @property
    def rabbitmq_url(self) -> str:
        """AMQP URL of the default virtual host."""
        return self.rabbitmq.address.url

    @property
    def mongodb_url(self) -> str:
        """MongoDB URL that names no database."""
        return self.mongodb.address.url


@contextlib.contextmanager
def running_servers(settings: ServerSettings | None = None) -> Iterator[Servers]:
    """Start both servers side by side, and discard them at the end, whatever happened in between."""
    chosen = settings or ServerSettings()
    with ThreadPoolExecutor(2, thread_name_prefix="servers") as pool:
        servers = Servers(pool.submit(find_rabbitmq, chosen), pool.submit(find_mongodb, chosen))
        with contextlib.ExitStack() as ending:  # one that fails to end must not keep the other alive
            ending.callback(discard_started, servers.starting_rabbitmq)
            ending.callback(discard_started, servers.starting_mongodb)
            # Whatever reads the environment beside pytest, as for proxies, fails when pytest changes it for each test.
            servers.starting_rabbitmq.exception()
            servers.starting_mongodb.exception()
            yield servers


@contextlib.contextmanager
def own_servers() -> Iterator[Servers]:
    """Servers that may be killed, whatever the environment names; native where both can be had.

    Raises `ServerUnavailable`.
    """
    chosen = ServerSettings(rabbitmq_url=None, mongodb_url=None)
    reasons = []
    for way in ("native", "docker") if chosen.servers == "auto" else (chosen.servers,):
        with running_servers(chosen.model_copy(update={"servers": way})) as servers:
            try:
                _ = servers.rabbitmq, servers.mongodb
            except ServerUnavailable as unavailable:
                reasons.append(str(unavailable))
            else:
                yield servers
                return
    raise ServerUnavailable(" ".join(reasons))


def discard_started(starting: Future[Server[AddressT]]) -> None:
    """Discard a server once it has started; one that could not was discarded already."""
    if starting.exception() is None:
        starting.result().discard()


def find_rabbitmq(settings: ServerSettings) -> Server[RabbitmqAddress]:
    """Give a started RabbitMQ; `ServerUnavailable` with every reason and what to do."""
    if settings.rabbitmq_url is not None:
        address = given_rabbitmq(settings.rabbitmq_url, settings.rabbitmq_management_url)
        return first_started("RabbitMQ", {"given": lambda: GivenServer(address)})
    return first_started("RabbitMQ", ways(settings, ContainerRabbitmq, lambda: NativeRabbitmq(settings)))


def find_mongodb(settings: ServerSettings) -> Server[MongodbAddress]:
    """Give a started MongoDB replica set; `ServerUnavailable` with every reason and what to do."""
    if settings.mongodb_url is not None:
        address = MongodbAddress(settings.mongodb_url)
        return first_started("MongoDB", {"given": lambda: GivenServer(address)})
    return first_started("MongoDB", ways(settings, ContainerMongodb, lambda: NativeMongodb(settings)))


def ways(
    settings: ServerSettings, docker: Callable[[], Server[AddressT]], native: Callable[[], Server[AddressT]]
) -> dict[str, Callable[[], Server[AddressT]]]:
    """List the ways to try, in order."""
    every = {"docker": docker, "native": native}
    return every if settings.servers == "auto" else {settings.servers: every[settings.servers]}


def first_started(name: str, tried: dict[str, Callable[[], Server[AddressT]]]) -> Server[AddressT]:
    """Start the first that can be; what a failed start left is discarded."""
    reasons = []
    for way, build in tried.items():
        try:
            return started(build())
        except ServerUnavailable as unavailable:
            reasons.append(f"{way}: {unavailable}")
    address = f"DARKROOM_TEST_{name.upper()}_URL"
    raise ServerUnavailable(f"no {name} ({'; '.join(reasons)}). Start Docker, run {INSTALL}, or set {address}.")


def started(server: Server[AddressT]) -> Server[AddressT]:
    """Start the server, or discard it and raise what kept it from starting."""
    try:
        server.start()
    except BaseException:
        server.discard()
        raise
    return server
