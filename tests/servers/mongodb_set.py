"""Three MongoDB servers as one replica set, as processes of this machine."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure

from tests.servers.mongodb import REPLICA_SET, SELECTION_TIMEOUT_MS, MongodbAddress
from tests.servers.native_mongodb import NativeMongodb
from tests.servers.server import ServerUnavailable, wait_until
from tests.servers.settings import ServerSettings

MEMBERS = 3
ELECTION_SECONDS = 60


class Member(MongodbAddress):
    """Where one member of a set is reached, which need not be its primary."""

    def ready(self) -> bool:
        """Whether it answers."""
        return self.hello() is not None

    def hello(self) -> dict[str, Any] | None:
        """What the member says of itself and the set; None if it does not answer."""
        try:
            with self._client() as client:
                return dict(client.admin.command("hello"))
        except ConnectionFailure:
            return None

    def initiate(self, hosts: list[str]) -> None:
        """Make a set of the members, of which this is one."""
        members = [{"_id": number, "host": host} for number, host in enumerate(hosts)]
        with self._client() as client:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})

    def _client(self, timeout_ms: int = SELECTION_TIMEOUT_MS) -> MongoClient[dict[str, Any]]:
        # A frozen member takes connections and is silent.
        return MongoClient(self.url, serverSelectionTimeoutMS=timeout_ms, connectTimeoutMS=timeout_ms)


class MongodbSet:
    """Members of a replica set, each of which may become its primary."""

    def __init__(self, settings: ServerSettings) -> None:
        """Prepare the members' folders; `ServerUnavailable` if there is no mongod."""
        self.members = tuple(NativeMongodb(settings) for _ in range(MEMBERS))
        self._hosts = [f"127.0.0.1:{member.ports[0]}" for member in self.members]
        self._addresses = [Member(f"mongodb://{host}/?directConnection=true") for host in self._hosts]
        for member, address in zip(self.members, self._addresses, strict=True):
            member.address = address
        self.address = MongodbAddress(f"mongodb://{','.join(self._hosts)}/?replicaSet={REPLICA_SET}")

    def start(self) -> None:
        """Start every member and wait until they have elected a primary; `ServerUnavailable` if not in time."""
        with ThreadPoolExecutor(MEMBERS) as pool:
            list(pool.map(NativeMongodb.start, self.members))
        self._addresses[0].initiate(self._hosts)
        self.wait_until_whole()

    def wait_until_whole(self) -> None:
        """Return once the set has one primary, and all others follow it."""
        if not wait_until(self._is_whole, ELECTION_SECONDS):
            raise ServerUnavailable("the members did not become one replica set")

    def _is_whole(self) -> bool:
        roles = [hello for address in self._addresses if (hello := address.hello())]
        primaries = sum(hello["isWritablePrimary"] for hello in roles)
        return (primaries, sum(hello["secondary"] for hello in roles)) == (1, MEMBERS - 1)

    def primary(self) -> NativeMongodb:
        """The member that takes writes."""
        for member, address in zip(self.members, self._addresses, strict=True):
            if (hello := address.hello()) and hello["isWritablePrimary"]:
                return member
        raise ServerUnavailable("the set has no primary at present")

    def discard(self) -> None:
        """Kill every member and leave nothing behind."""
        for member in self.members:
            member.discard()


@contextlib.contextmanager
def running_mongodb_set() -> Iterator[MongodbSet]:
    """Start a replica set, discarded at the end; raises `ServerUnavailable`."""
    members = MongodbSet(ServerSettings())
    try:
        members.start()
        yield members
    finally:
        members.discard()
