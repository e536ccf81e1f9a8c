"""What only the MongoDB adapter has to prove: indexes, rolling updates, trouble with the server. On both drivers."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from shared.adapters.mongodb import MongoDocuments, open_documents
from shared.adapters.mongodb.driver import ClientFactory, connect
from shared.documents import UNRECORDED, Batch, BatchFilter, Folding, Outcome
from shared.errors import DocumentsUnavailableError, PermanentError
from tests.contract.documents.examples import (
    NOW,
    a_batch,
    a_certain_lesson,
    a_chunk,
    a_lesson,
    a_page,
    a_stored_recipe,
    a_worker,
    after,
    completed,
    failed,
)
from tests.contract.documents.test_statistics import FIRST, a_period, some_facts

Call = Callable[[MongoDocuments], Awaitable[object]]

HALF_WAY = after(-40), "other-040"
FINISHED_ONES = BatchFilter(statuses=frozenset({"SUCCESS", "FAILURE"}))
LOW_ONES = BatchFilter(priority="low")
RARE_ONES = BatchFilter(name_prefix="rare")
COMMON_ONES = BatchFilter(name_prefix="fer")
TOO_SLOW = Outcome(state="failed", code="timeout", message="It takes too long.")
FOLDINGS = [Folding(chunk_id=f"b1:{number}", outcomes={number * 10: completed()}) for number in range(20)]
CALLS: dict[str, Call] = {
    "batches.get": lambda documents: documents.batches.get("b1"),
    "batches.of_key": lambda documents: documents.batches.of_key("key of b2"),
    "batches.newest": lambda documents: documents.batches.newest(2),
    "batches.of_ids": lambda documents: documents.batches.of_ids({"b1", "b3"}),
    "batches.updated_since": lambda documents: documents.batches.updated_since(after(3), 2),
    "batches.newest after": lambda documents: documents.batches.newest(2, HALF_WAY),
    "batches.newest of a status": lambda documents: documents.batches.newest(2, None, FINISHED_ONES),
    "batches.newest of a status after": lambda documents: documents.batches.newest(2, HALF_WAY, FINISHED_ONES),
    "batches.newest of a priority": lambda documents: documents.batches.newest(2, HALF_WAY, LOW_ONES),
    "batches.newest of a name": lambda documents: documents.batches.newest(2, None, RARE_ONES),
    "batches.newest of a common name": lambda documents: documents.batches.newest(2, HALF_WAY, COMMON_ONES),
    "batches.unfinished": lambda documents: documents.batches.unfinished(2, after="b1"),
    "batches.deleted": lambda documents: documents.batches.deleted(2, after="a"),
    "batches.expired_proofs": lambda documents: documents.batches.expired_proofs(after(9), 5),
    "batches.change": lambda documents: documents.batches.change("b1", lambda batch: batch.dispatched(after(1))),
    "batches.remove": lambda documents: documents.batches.remove("b3"),
    "manifests.entries": lambda documents: documents.manifests.entries("b1", 10, 20),
    "manifests.remove": lambda documents: documents.manifests.remove("b2"),
    "chunks.add": lambda documents: documents.chunks.add([a_chunk(7, batch_id="b1")]),
    "chunks.overdue": lambda documents: documents.chunks.overdue(after(100), 5),
    "chunks.overdue exclude": lambda documents: documents.chunks.overdue(after(100), 5, ["b1:55", "b2:55"]),
    "chunks.unclaimed": lambda documents: documents.chunks.unclaimed("high", NOW),
    "chunks.unclaimed exclude": lambda documents: documents.chunks.unclaimed("high", NOW, ["b2"]),
    "chunks.oldest_waiting": lambda documents: documents.chunks.oldest_waiting("high", NOW),
    "chunks.oldest_waiting exclude": lambda documents: documents.chunks.oldest_waiting("high", NOW, ["b2"]),
    "chunks.unclaimed_of": lambda documents: documents.chunks.unclaimed_of("b1", 0, NOW, 5),
    "chunks.extend": lambda documents: documents.chunks.extend(["b1:3", "b1:4"], after(50)),
    "chunks.claim": lambda documents: documents.chunks.claim("b1:55", "w", NOW, after(9)),
    "chunks.claim over another": lambda documents: documents.chunks.claim(
        "b1:55", "other", NOW, after(9), found_lost=a_chunk(55, due=9).model_copy(update={"worker": "w"})
    ),
    "chunks.get": lambda documents: documents.chunks.get("b1:55"),
    "chunks.suspect": lambda documents: documents.chunks.suspect("b1:55", "other", 550),
    "chunks.unsettled_among": lambda documents: documents.chunks.unsettled_among(["b1:5", "b1:55", "b1:56"]),
    "chunks.renew": lambda documents: documents.chunks.renew(["b1:55", "b1:56"], "other", after(9)),
    "chunks.expire_claim": lambda documents: documents.chunks.expire_claim("b1:55", "other", after(9)),
    "chunks.release_claim": lambda documents: documents.chunks.release_claim(
        "b1:55", "other", after(9), retries=1, not_before=after(5)
    ),
    "chunks.fold": lambda documents: documents.chunks.fold(FOLDINGS),
    "chunks.revoke_rest": lambda documents: documents.chunks.revoke_rest(["b1:5", "b1:57", "b1:58"]),
    "chunks.unsettled": lambda documents: documents.chunks.unsettled("b1", 0, 5),
    "chunks.in_hand": lambda documents: documents.chunks.in_hand("few", 0, after(0)),
    "chunks.totals": lambda documents: documents.chunks.totals("b1", 0, 10, 20),
    "chunks.first_unsettled": lambda documents: documents.chunks.first_unsettled("b1", 0, 0),
    "chunks.overlapping": lambda documents: documents.chunks.overlapping("b1", 200, 50),
    "chunks.failing": lambda documents: documents.chunks.failing("failing", "image_unreadable", 5),
    "chunks.failing rarely": lambda documents: documents.chunks.failing("failing", "timeout", 5),
    "chunks.sketched": lambda documents: documents.chunks.sketched("b1", 200, 50),
    "chunks.summaries": lambda documents: documents.chunks.summaries("b1", (0, 60), 3, 5),
    "chunks.remove": lambda documents: documents.chunks.remove("few"),
    "cost_models.get": lambda documents: documents.cost_models.get("k"),
    "cost_models.change": lambda documents: documents.cost_models.change("k", partial(a_lesson, at=1)),
    "cost_models.change_certainty": lambda documents: documents.cost_models.change_certainty(a_certain_lesson),
    "recipes.save": lambda documents: documents.recipes.save(a_stored_recipe()),
    "recipes.get": lambda documents: documents.recipes.get("mine"),
    "recipes.all": lambda documents: documents.recipes.all(),
    "recipes.replace": lambda documents: documents.recipes.replace(a_stored_recipe(saved=9), a_stored_recipe()),
    "recipes.remove": lambda documents: documents.recipes.remove(a_stored_recipe()),
    "statistics.record_work": lambda documents: documents.statistics.record_work([a_period(), a_period(minute=1)]),
    "statistics.record_facts": lambda documents: documents.statistics.record_facts(some_facts()),
    "statistics.work": lambda documents: documents.statistics.work(60, FIRST, after(3600), 60),
    "statistics.failures": lambda documents: documents.statistics.failures(60, FIRST, after(3600)),
    "statistics.finished": lambda documents: documents.statistics.finished(FIRST, after(3600)),
    "workers.report": lambda documents: documents.workers.report(a_worker()),
    "workers.seen_since": lambda documents: documents.workers.seen_since(after(0)),
}


@pytest.fixture
def server(mongodb_url: str) -> Iterator[Database[dict[str, Any]]]:
    """The test's database, seen from outside."""
    with MongoClient[dict[str, Any]](mongodb_url, tz_aware=True) as client:
        yield client.get_default_database()


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A server that takes connections and never says a word, as behind a broken network."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"mongodb://127.0.0.1:{listening.getsockname()[1]}/darkroom"


async def fill(documents: MongoDocuments) -> None:
    """Three batches of 1,000 images, the first half of each one's chunks settled and its last five urgent; some more.

    Half of those others are being deleted, and one has chunks.
    """
    for batch_id in ("b1", "b2", "b3"):
        await documents.batches.add(a_batch(batch_id).model_copy(update={"idempotency_key": f"key of {batch_id}"}))
        await documents.manifests.add(a_page(batch_id))
        chunks = [a_chunk(number, batch_id=batch_id) for number in range(100)]
        urgent = [chunk.model_copy(update={"priority": "high"}) for chunk in chunks[95:]]
        await documents.chunks.add([*chunks[:95], *urgent])
        everything = {index: completed() if index % 9 else failed() for index in range(500)}
        halves = (Folding(chunk_id=f"{batch_id}:{number}", outcomes=everything) for number in range(50))
        await documents.chunks.fold(list(halves))
    await documents.chunks.add([a_chunk(number, batch_id="few") for number in range(5)])
    await documents.chunks.add([a_chunk(number, batch_id="failing") for number in range(200)])
    causes = {f"failing:{number}": failed() for number in range(200)} | {"failing:77": TOO_SLOW}
    await documents.chunks.fold([Folding(chunk_id=id_, abandoned=cause) for id_, cause in causes.items()])
    for number in range(200):
        kind = {"status": "PENDING" if number % 3 else "SUCCESS", "priority": "normal" if number % 7 else "low"}
        named = {} if number % 50 else {"name": "Rare"}
        batch = a_batch(f"other-{number:03}", created=-number).model_copy(update={**kind, **named})
        await documents.batches.add(batch.deleted(after(0)) if number % 4 == 1 else batch)


async def test_every_query_uses_an_index_and_reads_little(
    mongodb_url: str, client_factory: ClientFactory, server: Database[dict[str, Any]]
) -> None:
    """As the server's own profiler saw each call: no collection scan, no sorting of many, no more read than wanted."""
    async with open_documents(mongodb_url, client_factory) as documents:
        await fill(documents)
        server.command("profile", 2)
        for name, call in CALLS.items():
            started = server["system.profile"].count_documents({})
            await call(documents)
            seen = list(server["system.profile"].find().skip(started))
            seen = [op for op in seen if op["op"] != "insert" and "system.profile" not in op["ns"]]
            assert seen, name
            for operation in seen:
                assert "COLLSCAN" not in operation.get("planSummary", ""), (name, operation)
                assert operation.get("keysExamined", 0) <= 60, (name, operation)
                assert operation.get("docsExamined", 0) <= 25, (name, operation)
                if name == "chunks.totals":
                    assert operation["docsExamined"] == 0, operation
        server.command("profile", 0)


async def test_a_chunk_of_ten_images_has_one_key_to_be_found_by_its_images(
    mongodb_url: str, client_factory: ClientFactory, server: Database[dict[str, Any]]
) -> None:
    """An index of the images would have ten, so that recording a chunk would write as many keys as it has images."""
    async with open_documents(mongodb_url, client_factory) as documents:
        await documents.chunks.add([a_chunk(number) for number in range(20)])
    assert "batch_id_1_indexes_1" not in server["chunks"].index_information()
    assert {len(chunk["hundreds"]) for chunk in server["chunks"].find()} == {1}


async def test_services_that_start_together_agree_on_the_indexes(
    mongodb_url: str, client_factory: ClientFactory, server: Database[dict[str, Any]]
) -> None:
    """Opening is safe in a race and again later."""

    async def start() -> None:
        async with open_documents(mongodb_url, client_factory) as documents:
            await documents.ping()

    await asyncio.gather(*(start() for _ in range(6)))
    before = {name: server[name].index_information() for name in server.list_collection_names()}
    await start()
    statistics = {"work_periods", "batch_facts", "cost_models"}
    written = {"batches", "manifests", "chunks", "workers", "drafts", "appends"} | statistics
    assert set(before) == written
    assert before == {name: server[name].index_information() for name in before}


async def test_statistics_are_forgotten_in_time(
    mongodb_url: str, client_factory: ClientFactory, server: Database[dict[str, Any]]
) -> None:
    """By the database itself, whoever writes them."""
    async with open_documents(mongodb_url, client_factory):
        days = {
            (name, keys): found["expireAfterSeconds"] / 86_400
            for name in ("work_periods", "batch_facts")
            for keys, found in server[name].index_information().items()
            if "expireAfterSeconds" in found
        }
    assert days == {("work_periods", "begins_at_1"): 14, ("batch_facts", "finished_at_1"): 400}


async def test_fields_of_a_newer_version_survive_every_change(
    mongodb_url: str, client_factory: ClientFactory, server: Database[dict[str, Any]]
) -> None:
    """While services of two versions run side by side, the older must not erase what the newer wrote."""
    async with open_documents(mongodb_url, client_factory) as documents:
        await documents.batches.add(a_batch())
        await documents.chunks.add([a_chunk()])
        for collection in ("batches", "chunks"):
            server[collection].update_one({}, {"$set": {"colour": "red"}})
        await documents.batches.change("b", lambda batch: batch.dispatched(after(1)))
        held = await documents.chunks.claim("b:0", "w", NOW, after(9))
        await documents.chunks.suspect("b:0", "w", 1)
        await documents.chunks.claim("b:0", "other", NOW, after(10), found_lost=held)
        await documents.chunks.expire_claim("b:0", "other", after(10))
        await documents.chunks.fold([Folding(chunk_id="b:0", outcomes={1: completed()})])
        await documents.chunks.revoke_rest(["b:0"])
    for collection in ("batches", "chunks"):
        assert [found["colour"] for found in server[collection].find()] == ["red"]


async def test_a_change_writes_only_what_is_different(
    mongodb_url: str, client_factory: ClientFactory, server: Database[dict[str, Any]]
) -> None:
    """A recipe may have 100 kB, and a batch moves several times a second."""
    async with open_documents(mongodb_url, client_factory) as documents:
        await documents.batches.add(a_batch())
        server.command("profile", 2)
        changed = await documents.batches.change("b", lambda batch: batch.changed(after(1), completed_images=3))
        server.command("profile", 0)
        (update,) = server["system.profile"].find({"op": "update"})
        assert set(update["command"]["u"]["$set"]) == {"completed_images", "updated_at", "version", "name_key"}
        assert await documents.batches.get("b") == changed


async def test_failures_that_an_earlier_tracker_folds_are_unrecorded_until_this_version_folds(
    mongodb_url: str, client_factory: ClientFactory, server: Database[dict[str, Any]]
) -> None:
    """It counts failed images without their codes; sums are true at every moment, and codes are none but true ones."""
    async with open_documents(mongodb_url, client_factory) as documents:
        chunks = documents.chunks
        await chunks.add([a_chunk(0, size=3), a_chunk(1, size=3)])
        await chunks.fold([Folding(chunk_id="b:0", outcomes={0: failed()})])
        await chunks.fold([Folding(chunk_id="b:1", outcomes={3: failed(code="timeout")})])
        by_earlier = {"outcomes.1": failed(code="crashed").model_dump(), "failed": 2}
        server["chunks"].update_one({"_id": "b:0"}, {"$set": by_earlier})
        totals = await chunks.totals("b", 0, 0)
        assert (totals.failed_images, totals.failure_codes) == (3, {UNRECORDED: 2, "timeout": 1})
        await chunks.fold([Folding(chunk_id="b:0", outcomes={2: completed()})])
        totals = await chunks.totals("b", 0, 0)
        assert (totals.failed_images, totals.failure_codes) == (3, {"unreadable": 1, "crashed": 1, "timeout": 1})


async def test_a_batch_of_an_earlier_version_is_found_by_its_name_as_it_is(
    mongodb_url: str, client_factory: ClientFactory, server: Database[dict[str, Any]]
) -> None:
    """That version recorded nothing to search by; a change by this one adds it."""
    async with open_documents(mongodb_url, client_factory) as documents:
        await documents.batches.add(a_batch())
        server["batches"].update_one({}, {"$unset": {"name_key": ""}})
        for prefix, found in (("Ferien $", 1), ("ferien", 0)):
            assert len(await documents.batches.newest(9, None, BatchFilter(name_prefix=prefix))) == found
        await documents.batches.change("b", lambda batch: batch.dispatched(after(1)))
        assert len(await documents.batches.newest(9, None, BatchFilter(name_prefix="ferien"))) == 1


async def test_chunks_of_earlier_versions_are_sketched(
    mongodb_url: str, client_factory: ClientFactory, server: Database[dict[str, Any]]
) -> None:
    """Whose outcomes have fewer fields: no original, or one without readings or colours."""
    missing = ("0.original", "1.original.readings", "2.original.readings.colours", "3.prints.0.generation", "4.code")
    async with open_documents(mongodb_url, client_factory) as documents:
        await documents.chunks.add([a_chunk()])
        await documents.chunks.fold([Folding(chunk_id="b:0", outcomes={index: completed() for index in range(5)})])
        server["chunks"].update_one({}, {"$unset": {f"outcomes.{place}": "" for place in missing}})
        [chunk] = await documents.chunks.overlapping("b", 0, 5)
        [sketched] = await documents.chunks.sketched("b", 0, 5)
    for index, outcome in chunk.outcomes.items():
        assert sketched.outcomes[index].prints == outcome.prints
        assert (sketched.outcomes[index].original is None) == (outcome.original is None)


async def test_many_processes_change_one_batch_without_losing_a_change(
    mongodb_url: str, client_factory: ClientFactory
) -> None:
    """The version is compared in the database, not in the process."""

    def one_more(batch: Batch) -> Batch:
        return batch.changed(after(1), completed_images=batch.completed_images + 1)

    async with (
        open_documents(mongodb_url, client_factory) as one,
        open_documents(mongodb_url, client_factory) as two,
    ):
        await one.batches.add(a_batch())
        await asyncio.gather(*(each.batches.change("b", one_more) for each in (one, two) for _ in range(10)))
        stored = await two.batches.get("b")
    assert stored is not None
    assert (stored.completed_images, stored.version) == (20, 20)


@pytest.mark.parametrize("name", [*CALLS, "ping", "ensure_indexes", "batches.add", "manifests.add"])
async def test_a_silent_server_is_trouble_that_may_pass(
    name: str, silent_url: str, client_factory: ClientFactory
) -> None:
    """Every call ends in time and says so in Darkroom's words, with the driver's error as the cause."""

    def impatient(url: str, **options: Any) -> Any:
        return client_factory(url, **{**options, "timeoutMS": 50})

    calls: dict[str, Call] = {
        **CALLS,
        "ping": lambda documents: documents.ping(),
        "ensure_indexes": lambda documents: documents.ensure_indexes(),
        "batches.add": lambda documents: documents.batches.add(a_batch()),
        "manifests.add": lambda documents: documents.manifests.add(a_page()),
    }
    async with connect(silent_url, impatient) as database:
        with pytest.raises(DocumentsUnavailableError) as raised:
            await calls[name](MongoDocuments(database))
    assert isinstance(raised.value.__cause__, PyMongoError)


async def test_a_closed_store_is_trouble_that_may_pass(mongodb_url: str, client_factory: ClientFactory) -> None:
    """Work that outlives its connection ends with Darkroom's error, not the driver's."""
    async with open_documents(mongodb_url, client_factory) as documents:
        await documents.ping()
    with pytest.raises(DocumentsUnavailableError):
        await documents.batches.get("b")


async def test_a_url_that_cannot_be_read_is_a_lasting_error(client_factory: ClientFactory) -> None:
    """Trying again would not help."""
    with pytest.raises(PermanentError, match="MongoDB"):
        async with open_documents("http://example.org", client_factory):
            pytest.fail("opened")


async def test_what_mongodb_cannot_hold_is_a_lasting_error(mongodb_url: str, client_factory: ClientFactory) -> None:
    """An integer of more than 64 bits fails each time, so its sender must not be told to try again."""
    async with open_documents(mongodb_url, client_factory) as documents:
        with pytest.raises(PermanentError, match="cannot hold"):
            await documents.batches.add(a_batch().model_copy(update={"total_images": 2**64}))


async def test_without_a_path_the_database_is_called_darkroom(client_factory: ClientFactory) -> None:
    """The URL's path names the database, as people know it from other programs."""
    names: list[str] = []

    class Recorded:
        """Stands for a client, and notes the database that is asked for."""

        def __init__(self, url: str, **options: Any) -> None:
            self._client = client_factory(url, **options)

        def get_default_database(self, default: str) -> Any:
            database = self._client.get_default_database(default)
            names.append(database.name)
            return database

        def close(self) -> Any:
            return self._client.close()

    for url in ("mongodb://127.0.0.1:9", "mongodb://127.0.0.1:9/studio?directConnection=true"):
        async with connect(url, Recorded):
            pass
    assert names == ["darkroom", "studio"]
