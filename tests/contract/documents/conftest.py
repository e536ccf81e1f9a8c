"""Every contract test runs on memory, and on MongoDB through motor and through PyMongo's own asynchronous client."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, MongoClient
from pymongo.database import Database

from shared.adapters.memory_documents import MemoryDocuments
from shared.adapters.mongodb import MongoDocuments, open_documents
from shared.adapters.mongodb.driver import ClientFactory
from shared.ports import (
    AppendStore,
    BatchStore,
    ChunkStore,
    CostModels,
    DraftStore,
    ManifestStore,
    RecipeStore,
    StatisticsStore,
    WorkerRegister,
)
from tests.servers import Server
from tests.servers.mongodb import MongodbAddress

DRIVERS: dict[str, ClientFactory] = {"motor": AsyncIOMotorClient, "pymongo": AsyncMongoClient}
NEW_IN_CHUNKS = (
    *("losses", "suspect", "suspicions", "retries", "revoked", "not_before"),
    *("failure_codes", "released_at", "claimed_at", "settled_at", "hundreds"),
)
"""Fields of a chunk that the first version did not record."""


@pytest.fixture(params=["motor", "pymongo"])
def client_factory(request: pytest.FixtureRequest) -> ClientFactory:
    """Both drivers in turn."""
    return DRIVERS[request.param]


@pytest.fixture(scope="session")
def kept_database(mongodb_server: Server[MongodbAddress]) -> Iterator[tuple[str, Database[dict[str, Any]]]]:
    """One database and its URL: to make its collections and indexes takes a server longer than most tests."""
    with mongodb_server.address.fresh_database() as url, MongoClient[dict[str, Any]](url) as client:
        yield url, client.get_default_database()


@pytest.fixture
def emptied_database(kept_database: tuple[str, Database[dict[str, Any]]]) -> str:
    """The URL of the kept database, without any document."""
    url, database = kept_database
    for name in database.list_collection_names():
        database[name].delete_many({})
    return url


@pytest.fixture(params=["memory", "motor", "pymongo"])
def backend(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Each adapter by name in turn, with the URL of its database if it has one."""
    name: str = request.param
    return name, "" if name == "memory" else request.getfixturevalue("emptied_database")


@pytest.fixture
async def documents(backend: tuple[str, str]) -> AsyncIterator[MemoryDocuments | MongoDocuments]:
    """All stores of one adapter, empty."""
    name, url = backend
    if name == "memory":
        yield MemoryDocuments()
        return
    async with open_documents(url, DRIVERS[name]) as stores:
        yield stores


@pytest.fixture
def batches(documents: MemoryDocuments | MongoDocuments) -> BatchStore:
    """The batches, empty."""
    return documents.batches


@pytest.fixture
def manifests(documents: MemoryDocuments | MongoDocuments) -> ManifestStore:
    """The manifests, empty."""
    return documents.manifests


@pytest.fixture
def chunks(documents: MemoryDocuments | MongoDocuments) -> ChunkStore:
    """The chunks, empty."""
    return documents.chunks


@pytest.fixture
def workers(documents: MemoryDocuments | MongoDocuments) -> WorkerRegister:
    """The workers, empty."""
    return documents.workers


@pytest.fixture
def recipes(documents: MemoryDocuments | MongoDocuments) -> RecipeStore:
    """The stored recipes, none."""
    return documents.recipes


@pytest.fixture
def cost_models(documents: MemoryDocuments | MongoDocuments) -> CostModels:
    """The cost models, none."""
    return documents.cost_models


@pytest.fixture
def statistics(documents: MemoryDocuments | MongoDocuments) -> StatisticsStore:
    """The statistics, none."""
    return documents.statistics


@pytest.fixture
def drafts(documents: MemoryDocuments | MongoDocuments) -> DraftStore:
    """The drafts, none."""
    return documents.drafts


@pytest.fixture
def appends(documents: MemoryDocuments | MongoDocuments) -> AppendStore:
    """The appends to drafts, none."""
    return documents.appends


@pytest.fixture
def as_of_old(backend: tuple[str, str]) -> Iterator[Callable[[str], None]]:
    """Makes the recorded chunks of a batch look as if the first version had recorded them."""
    name, url = backend
    if name == "memory":
        yield lambda _batch_id: None  # what is in memory is of this process, and so of this version
        return
    with MongoClient[dict[str, Any]](url) as client:
        chunks = client.get_default_database()["chunks"]

        def unset(batch_id: str) -> None:
            chunks.update_many({"batch_id": batch_id}, {"$unset": dict.fromkeys(NEW_IN_CHUNKS, "")})

        yield unset
