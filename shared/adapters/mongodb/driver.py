"""The only module that knows a MongoDB driver: connecting, one small collection class, its errors as the ports' errors.

Everything here works with motor's client and with PyMongo's own asynchronous one; they differ in what must be awaited.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import pymongo
from bson.errors import BSONError
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel
from pymongo import IndexModel, ReadPreference, ReturnDocument, UpdateOne, WriteConcern
from pymongo.errors import ConfigurationError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from shared.errors import DocumentsUnavailableError, PermanentError

M = TypeVar("M", bound=BaseModel)

DEFAULT_DATABASE = "darkroom"
"""The database when the URL's path names none."""

OPERATION_SECONDS = 5.0
"""Most that one call may take, the driver's own retries included; after it the caller decides."""

INDEX_BUILD_SECONDS = 120.0
"""An index added by a new version is built over all documents; cutting that short would abort the build."""

Fields = Mapping[str, Any]
"""A document, a filter or an update as the database takes it."""

Pipeline = Sequence[Fields]
"""Stages of an aggregation, or of an update that computes on the server."""

Order = Sequence[tuple[str, int]]
"""Field names with 1 for ascending or -1 for descending."""

ClientFactory = Callable[..., Any]
"""Makes a client from a URL and PyMongo's options: motor's class or `pymongo.AsyncMongoClient`."""

MOTOR: ClientFactory = AsyncIOMotorClient
"""The client in use. Moving to PyMongo's own means changing this line."""

DURABLE = WriteConcern(w="majority", j=True)
"""On the disks of a majority before the call returns: what an acknowledgement may rest on."""

ADVISORY = WriteConcern(w=1)
"""In the primary's hands. It survives every crash of ours, and is lost only if the primary fails within moments.

Enough for leases, attempts and heartbeats: the worst that a lost one brings is a chunk handled twice.
"""

Reads = Literal["local", "majority", "snapshot"]
"""MongoDB's read concerns."""


@dataclass(frozen=True)
class Index:
    """An index: its keys, a filter for the documents it holds, when these are forgotten, and if keys are unique."""

    keys: Order
    only_where: Fields | None = None
    forget_after_seconds: int | None = None
    unique: bool | None = None

    def as_model(self) -> IndexModel:
        forgetting = {"expireAfterSeconds": self.forget_after_seconds, "unique": self.unique}
        options = {"partialFilterExpression": self.only_where, **forgetting}
        return IndexModel(list(self.keys), **{name: value for name, value in options.items() if value is not None})


class Collection:
    """A collection seen through the few operations that the stores need; each raises only errors of Darkroom."""

    def __init__(self, driver_collection: Any) -> None:
        self._driver = driver_collection

    async def insert(self, document: Fields) -> bool:
        """Store a new document; False if its id, or another key that must be unique, is taken."""
        with _translated_errors():
            try:
                await self._driver.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    async def insert_missing(self, documents: Sequence[Fields]) -> None:
        """Store those documents whose ids are not taken."""
        upserts = [UpdateOne({"_id": fields["_id"]}, {"$setOnInsert": fields}, upsert=True) for fields in documents]
        await self._bulk(upserts)

    async def find(
        self, where: Fields, *, order: Order = (), limit: int | None = None, fields: Fields | None = None
    ) -> Sequence[Fields]:
        """The documents that match, or the first `limit` of them; `fields` is a projection."""
        if limit is not None and limit <= 0:
            return []  # MongoDB reads a limit of 0 as none
        with _translated_errors():
            cursor = self._driver.find(where, projection=fields, sort=list(order) or None, limit=limit or 0)
            return list(await cursor.to_list(None))

    async def read(
        self, model: type[M], where: Fields, order: Order = (), limit: int | None = None, fields: Fields | None = None
    ) -> Sequence[M]:
        """What `find` finds, as models."""
        documents = await self.find(where, order=order, limit=limit, fields=fields)
        return [model.model_validate(document) for document in documents]

    async def read_one(self, model: type[M], where: Fields) -> M | None:
        """A document that matches, as a model."""
        with _translated_errors():
            found: Fields | None = await self._driver.find_one(where)
        return None if found is None else model.model_validate(found)

    async def count(self, where: Fields) -> int:
        with _translated_errors():
            return int(await self._driver.count_documents(where))

    async def update(self, where: Fields, update: Fields | Pipeline, *, upsert: bool = False) -> bool:
        """Update one document; False if none matched and none was made."""
        with _translated_errors():
            result = await self._driver.update_one(where, update, upsert=upsert)
        return bool(result.matched_count or result.upserted_id is not None)

    async def update_all(self, where: Fields, update: Fields) -> None:
        with _translated_errors():
            await self._driver.update_many(where, update)

    async def update_each(
        self, updates: Mapping[str, Fields | Pipeline], *, only_where: Mapping[str, Fields] = {}, upsert: bool = False
    ) -> int:
        """Update documents by id in one call, each where it is as `only_where` has it; answers how many were."""
        wheres = [{"_id": id_, **only_where.get(id_, {})} for id_ in updates]
        pairs = zip(wheres, updates.values(), strict=True)
        return await self._bulk([UpdateOne(where, update, upsert=upsert) for where, update in pairs])

    async def update_and_read(self, model: type[M], where: Fields, update: Fields | Pipeline) -> M | None:
        """Update one document and answer it as it then is; None if none matched."""
        with _translated_errors():
            found: Fields | None = await self._driver.find_one_and_update(
                where, update, return_document=ReturnDocument.AFTER
            )
        return None if found is None else model.model_validate(found)

    async def aggregate(self, pipeline: Pipeline) -> Sequence[Fields]:
        with _translated_errors():
            cursor = await _awaited(self._driver.aggregate(pipeline))
            return list(await cursor.to_list(None))

    async def remove_all(self, where: Fields) -> int:
        """Remove the documents that match; how many there were."""
        with _translated_errors():
            result = await self._driver.delete_many(where)
        return int(result.deleted_count)

    async def ensure_indexes(self, indexes: Sequence[Index]) -> None:
        with _translated_errors(), pymongo.timeout(INDEX_BUILD_SECONDS):
            await self._driver.create_indexes([index.as_model() for index in indexes])

    async def _bulk(self, updates: list[UpdateOne]) -> int:
        if not updates:
            return 0
        with _translated_errors():
            # Unordered: an update that fails does not hold up the others.
            result = await self._driver.bulk_write(updates, ordered=False)
        return int(result.matched_count)


class Database:
    """One database of a connected client."""

    def __init__(self, driver_database: Any) -> None:
        self._driver = driver_database
        self._indexes: dict[str, Sequence[Index]] = {}

    def collection(
        self, name: str, indexes: Sequence[Index] = (), *, writes: WriteConcern = DURABLE, reads: Reads = "local"
    ) -> Collection:
        """A collection, always read at the primary; `ensure_indexes` gives it the indexes.

        `local` reads show the newest, which is what guarded writes start from; `majority` only what a majority has,
        which nothing can take back; `snapshot` the same, and all documents as of one moment.
        """
        if indexes:
            self._indexes[name] = indexes
        return Collection(
            self._driver.get_collection(
                name,
                read_preference=ReadPreference.PRIMARY,
                read_concern=ReadConcern(reads),
                write_concern=writes,
            )
        )

    async def ensure_indexes(self) -> None:
        """Create the indexes that are not there; several services may do so at once."""
        await self.ping()  # building indexes may take minutes, finding out that no server answers may not
        for name, indexes in self._indexes.items():
            await self.collection(name).ensure_indexes(indexes)

    async def ping(self) -> None:
        """Return if the primary answers; raises `DocumentsUnavailableError`."""
        with _translated_errors():
            await self._driver.command("ping")


@asynccontextmanager
async def connect(url: str, client_factory: ClientFactory) -> AsyncIterator[Database]:
    """The database that the URL's path names; connections are made at first use and closed on leaving.

    Raises `PermanentError` for a URL that no driver can read.
    """
    with _translated_errors():
        client = client_factory(
            url,
            appname="darkroom",
            tz_aware=True,
            retryWrites=True,
            retryReads=True,
            connectTimeoutMS=3_000,
            serverSelectionTimeoutMS=3_000,
            timeoutMS=round(OPERATION_SECONDS * 1000),
        )
    try:
        yield Database(client.get_default_database(DEFAULT_DATABASE))
    finally:
        await _awaited(client.close())


async def _awaited(result: Any) -> Any:
    # motor answers some calls at once that PyMongo's own client has to be awaited for.
    return await result if inspect.isawaitable(result) else result


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        raise PermanentError(f"MongoDB cannot be used as configured: {error}") from error
    except PyMongoError as error:
        raise DocumentsUnavailableError(f"MongoDB did not confirm: {error}") from error
    except (BSONError, OverflowError, UnicodeEncodeError) as error:
        raise PermanentError(f"MongoDB cannot hold this document: {error}") from error
