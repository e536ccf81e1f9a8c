"""Servers in Docker containers, proved by starting them."""

import socket
import threading
from abc import abstractmethod

from docker.errors import DockerException
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer, Reaper
from testcontainers.core.docker_client import get_docker_host
from testcontainers.core.exceptions import ContainerConnectException, ContainerStartException

from tests.servers.mongodb import REPLICA_SET, MongodbAddress, local_mongodb
from tests.servers.ports import ReservedPorts
from tests.servers.rabbitmq import RabbitmqAddress, local_rabbitmq
from tests.servers.server import AddressT, Server, ServerUnavailable, wait_until

START_SECONDS = 90
STOP_SECONDS = 15
LOG_TAIL_CHARACTERS = 2_000
DEFAULT_ENGINE = "unix:///var/run/docker.sock"
DOCKER_ERRORS = (DockerException, ContainerStartException, ContainerConnectException, OSError)

_reaper_lock = threading.Lock()


class ContainerServer(Server[AddressT]):
    """A container whose host ports are chosen here, because Docker would choose new ones at every restart."""

    way = "docker"

    def __init__(self, container_ports: tuple[int, ...]) -> None:
        """Reserve a host port for each port of the container; nothing runs before `start`."""
        self._container_ports = container_ports
        self._ports = ReservedPorts(len(container_ports))
        self._container: DockerContainer | None = None

    @abstractmethod
    def container(self) -> DockerContainer:
        """Describe the container."""

    @abstractmethod
    def address_in(self, container: DockerContainer) -> AddressT:
        """Say where the started container is reached."""

    def start(self) -> None:
        """Create or start the container and wait until it takes work; `ServerUnavailable` if it does not."""
        try:
            container = self._run()
            wait_until(lambda: self._exited(container) or self.address.ready(), START_SECONDS)
            if self._exited(container) or not self.address.ready():
                logs = container.get_wrapped_container().logs().decode(errors="replace")
                raise ServerUnavailable(f"did not start: {logs[-LOG_TAIL_CHARACTERS:]}")
        except DOCKER_ERRORS as error:
            raise ServerUnavailable(f"no container: {error}") from error

    def _run(self) -> DockerContainer:
        if self._container is not None:
            self._container.get_wrapped_container().start()
            return self._container
        require_engine()
        settle_reaper()
        container = self._container = self.container()
        for inside, outside in zip(self._container_ports, self._ports.numbers, strict=True):
            container.with_bind_ports(inside, outside)
        container.start()
        self.address = self.address_in(container)
        return container

    @staticmethod
    def _exited(container: DockerContainer) -> bool:
        container.reload()
        return container.status in {"exited", "dead"}

    def stop(self) -> None:
        """Ask the container to end and wait; Docker kills it at the deadline."""
        if self._container is not None:
            self._container.get_wrapped_container().stop(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """Send SIGKILL to the container and wait until it has ended."""
        if self._container is not None:
            wrapped = self._container.get_wrapped_container()
            wrapped.kill()
            wrapped.wait()

    def wipe(self) -> None:
        """Remove the container with its volumes."""
        if self._container is not None:
            self._container.stop(force=True, delete_volume=True)
            self._container = None

    def discard(self) -> None:
        """Remove the container and give back the ports."""
        self.wipe()
        self._ports.release()


class ContainerRabbitmq(ContainerServer[RabbitmqAddress]):
    """RabbitMQ 4 with its management plugin."""

    def __init__(self) -> None:
        """Describe the server; nothing runs before `start`."""
        super().__init__((5672, 15_672))

    def container(self) -> DockerContainer:
        """Describe the container; its host name is in its node's name, so data need it to stay."""
        return DockerContainer("rabbitmq:4-management", hostname="rabbitmq")

    def control(self, *arguments: str) -> None:
        """Run `rabbitmqctl` on the running broker; RuntimeError with its output if it fails."""
        assert self._container is not None
        status, output = self._container.exec(["rabbitmqctl", *arguments])
        if status:
            raise RuntimeError(output.decode(errors="replace"))

    def address_in(self, container: DockerContainer) -> RabbitmqAddress:
        """Say where AMQP and the management plugin are reached."""
        host = container.get_container_host_ip()
        return local_rabbitmq(host, container.get_exposed_port(5672), container.get_exposed_port(15_672))


class ContainerMongodb(ContainerServer[MongodbAddress]):
    """MongoDB 8 as a replica set of one."""

    def __init__(self) -> None:
        """Describe the server; nothing runs before `start`."""
        super().__init__((27_017,))

    def container(self) -> DockerContainer:
        """Describe the container; testcontainers' own MongoDB module knows no replica sets."""
        return DockerContainer("mongo:8").with_command(
            ["--replSet", REPLICA_SET, "--bind_ip_all", "--setParameter", "minSnapshotHistoryWindowInSeconds=10"]
        )

    def address_in(self, container: DockerContainer) -> MongodbAddress:
        """Say where the server is reached; inside, it knows itself by the port that it listens on."""
        host = container.get_container_host_ip()
        return local_mongodb(host, container.get_exposed_port(27_017), member="127.0.0.1:27017")


def require_engine() -> None:
    """Raise `ServerUnavailable` where nobody listens on the engine's local socket.

    A listener proves nothing yet. But Docker's client leaves a socket unclosed for each failed connection,
    which would fail the whole run: warnings are errors.
    """
    scheme, _, path = (get_docker_host() or DEFAULT_ENGINE).partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(path):
                raise ServerUnavailable(f"no container: no Docker engine listens at {path}")


def settle_reaper() -> None:
    """Start testcontainers' reaper (ryuk), or do without it where its image cannot be had.

    It removes the containers of a killed test run. `TESTCONTAINERS_RYUK_DISABLED=true` does without it at once.
    """
    with _reaper_lock:
        if not testcontainers_config.ryuk_disabled:
            try:
                Reaper.get_instance()
            except DOCKER_ERRORS:
                testcontainers_config.ryuk_disabled = True
