"""A MongoDB server's address, and databases that keep tests apart."""

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

REPLICA_SET = "rs0"
SELECTION_TIMEOUT_MS = 500
ALREADY_INITIALIZED = 23


@dataclass(frozen=True)
class MongodbAddress:
    """`url` has no database; `member` is the host and port under which a set of our own knows itself."""

    url: str
    member: str | None = None

    def ready(self) -> bool:
        """Initiate the replica set if it is ours and new; whether it has its primary."""
        try:
            with self._client() as client:
                hello = client.admin.command("hello")
                if self.member is not None and "setName" not in hello:
                    self._initiate(client)
                return bool(hello["isWritablePrimary"]) and "setName" in hello
        except ConnectionFailure:
            return False

    def _initiate(self, client: MongoClient[dict[str, Any]]) -> None:
        configuration = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": self.member}]}
        try:
            client.admin.command("replSetInitiate", configuration)
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:  # a restarted member reads its configuration a moment later
                raise

    def version(self) -> str:
        """MongoDB's version, as `6.0.5`."""
        with self._client(timeout_ms=15_000) as client:
            return str(client.server_info()["version"])

    @contextlib.contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Give the URL of a new database, which is dropped at the end."""
        name = f"darkroom_test_{uuid.uuid4().hex[:12]}"
        try:
            yield with_database(self.url, name)
        finally:
            with self._client(timeout_ms=15_000) as client:
                client.drop_database(name)

    def _client(self, timeout_ms: int = SELECTION_TIMEOUT_MS) -> MongoClient[dict[str, Any]]:
        return MongoClient(self.url, serverSelectionTimeoutMS=timeout_ms)


def local_mongodb(host: str, port: int, member: str) -> MongodbAddress:
    """Give the address of a single-node replica set; clients talk to it whatever name it knows itself by."""
    return MongodbAddress(f"mongodb://{host}:{port}/?directConnection=true", member)


def with_database(url: str, database: str) -> str:
    """Name the database in a MongoDB URL, while its user is still looked up where the URL said."""
    parts = urlsplit(url)
    query = parts.query
    if "@" in parts.netloc and "authSource" not in parse_qs(query):
        query = "&".join(filter(None, [query, f"authSource={parts.path.strip('/') or 'admin'}"]))
    return parts._replace(path=f"/{database}", query=query).geturl()
