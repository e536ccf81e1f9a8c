"""Opening the document stores: connected, indexed and ready for use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.adapters.mongodb.batches import MongoBatches
from shared.adapters.mongodb.chunks import MongoChunks
from shared.adapters.mongodb.cost_models import MongoCostModels
from shared.adapters.mongodb.drafts import MongoAppends, MongoDrafts
from shared.adapters.mongodb.driver import MOTOR, ClientFactory, Database, connect
from shared.adapters.mongodb.manifests import MongoManifests
from shared.adapters.mongodb.recipes import MongoRecipes
from shared.adapters.mongodb.statistics import MongoStatistics
from shared.adapters.mongodb.workers import MongoWorkers


class MongoDocuments:
    """Every document store of one database."""

    def __init__(self, database: Database) -> None:
        self.ping = database.ping
        self.ensure_indexes = database.ensure_indexes
        self.batches = MongoBatches(database)
        self.manifests = MongoManifests(database)
        self.chunks = MongoChunks(database)
        self.workers = MongoWorkers(database)
        self.recipes = MongoRecipes(database)
        self.cost_models = MongoCostModels(database)
        self.statistics = MongoStatistics(database)
        self.drafts = MongoDrafts(database)
        self.appends = MongoAppends(database)


@asynccontextmanager
async def open_documents(url: str, client_factory: ClientFactory = MOTOR) -> AsyncIterator[MongoDocuments]:
    """The stores behind a MongoDB URL, whose path may name the database (default `darkroom`).

    Raises `DocumentsUnavailableError` if no primary answers within seconds, and `PermanentError` for a URL that cannot
    be read.
    """
    async with connect(url, client_factory) as database:
        documents = MongoDocuments(database)
        await documents.ensure_indexes()
        yield documents
