"""Three RabbitMQ brokers as one cluster, as processes of this machine."""

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.servers.native_rabbitmq import NativeRabbitmq
from tests.servers.rabbitmq import RabbitmqAddress
from tests.servers.server import ServerUnavailable, wait_until
from tests.servers.settings import ServerSettings

NODES = 3
FORMING_SECONDS = 60


class RabbitmqCluster:
    """Brokers that share an Erlang port mapper and a cookie of their own; quorum queues have a member on each."""

    def __init__(self, settings: ServerSettings) -> None:
        """Prepare the brokers' folders; `ServerUnavailable` if RabbitMQ is not installed."""
        first = NativeRabbitmq(settings)
        self.nodes = (first, *(NativeRabbitmq(settings, first.epmd_port) for _ in range(NODES - 1)))
        cookie = secrets.token_hex()
        for node in self.nodes:
            (node.folder / ".erlang.cookie").write_text(cookie)
            (node.folder / ".erlang.cookie").chmod(0o400)  # Erlang takes no other
            node.configure(self._configuration())

    def _configuration(self) -> Mapping[str, str]:
        names = {
            f"cluster_formation.classic_config.nodes.{number}": node.node_name
            for number, node in enumerate(self.nodes, start=1)
        }
        # As docs/operations.md advises. A node that was cut off joins again by itself.
        return {
            "cluster_formation.peer_discovery_backend": "classic_config",
            "cluster_partition_handling": "autoheal",
            "queue_leader_locator": "balanced",
            **names,
        }

    @property
    def url(self) -> str:
        """AMQP URL that names every node."""
        hosts = ",".join(f"127.0.0.1:{urlsplit(node.address.url).port}" for node in self.nodes)
        return f"amqp://guest:guest@{hosts}/"

    def start(self) -> None:
        """Start every node and wait until they are one cluster; `ServerUnavailable` if they are not in time."""
        with ThreadPoolExecutor(NODES) as pool:
            list(pool.map(NativeRabbitmq.start, self.nodes))
        self.wait_until_whole()

    def wait_until_whole(self) -> None:
        """Return once every node sees all others run."""
        if not wait_until(self._is_whole, FORMING_SECONDS):
            raise ServerUnavailable("the nodes did not become one cluster")

    def _is_whole(self) -> bool:
        try:
            seen = [node.address._call("GET", "nodes").json() for node in self.nodes]
        except requests.RequestException:
            return False
        return all(sum(node["running"] and not node.get("partitions") for node in nodes) == NODES for nodes in seen)

    def queues(self, virtual_host: str) -> Mapping[str, Mapping[str, Any]]:
        """The quorum queues of a virtual host by name, as the first node that answers describes them."""
        for node in self.nodes:
            with contextlib.suppress(requests.RequestException):
                found = node.address._call("GET", f"queues/{virtual_host}").json()
                return {queue["name"]: queue for queue in found if queue["type"] == "quorum"}
        raise ServerUnavailable("no node answers")

    def leader_of(self, virtual_host: str, queue: str) -> NativeRabbitmq:
        """The node that leads a queue."""
        leader = self.queues(virtual_host)[queue]["leader"]
        return next(node for node in self.nodes if node.node_name == leader)

    @contextlib.contextmanager
    def fresh_virtual_host(self) -> Iterator[str]:
        """Give the AMQP URL, of every node, of a new virtual host, deleted at the end."""
        address = RabbitmqAddress(self.url, self.nodes[0].address.management_url)
        with address.fresh_virtual_host() as url:
            yield url

    def discard(self) -> None:
        """Kill every node and leave nothing behind."""
        for node in reversed(self.nodes):
            node.discard()


@contextlib.contextmanager
def running_rabbitmq_cluster() -> Iterator[RabbitmqCluster]:
    """Start a cluster, discarded at the end; raises `ServerUnavailable`."""
    cluster = RabbitmqCluster(ServerSettings())
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.discard()
