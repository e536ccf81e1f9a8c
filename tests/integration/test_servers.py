"""The servers that tests and benches use: found, kept apart, killed and gone afterwards."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import aio_pika
import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, MongoClient, WriteConcern

from tests.servers import Server, Servers, ServerSettings, ServerUnavailable, running_servers
from tests.servers.finding import find_mongodb, find_rabbitmq
from tests.servers.given import GivenServer
from tests.servers.mongodb import MongodbAddress, with_database
from tests.servers.rabbitmq import RabbitmqAddress
from tests.servers.server import wait_until

MAJORITY = WriteConcern("majority", j=True)
GONE_SECONDS = 10


async def test_a_quorum_queue_confirms_what_is_published_to_it(rabbitmq_url: str) -> None:
    """The broker takes, confirms and gives back a persistent message through a quorum queue."""
    async with await aio_pika.connect(rabbitmq_url) as connection, connection.channel(on_return_raises=True) as channel:
        queue = await channel.declare_queue("work", durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(b"chunk", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, "work", mandatory=True, timeout=10)
        received = await queue.get(timeout=10)
        assert received is not None
        assert received.body == b"chunk"
        await received.ack()


async def test_each_virtual_host_is_empty_and_alone(rabbitmq_server: Server[RabbitmqAddress]) -> None:
    """What is declared in one test's virtual host is not seen in another's."""
    with rabbitmq_server.address.fresh_virtual_host() as one, rabbitmq_server.address.fresh_virtual_host() as other:
        async with await aio_pika.connect(one) as connection, connection.channel() as channel:
            await channel.declare_queue("work", durable=True)
        async with await aio_pika.connect(other) as connection, connection.channel() as channel:
            with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
                await channel.declare_queue("work", passive=True)


async def test_motor_writes_in_a_transaction_acknowledged_by_the_majority(mongodb_url: str) -> None:
    """Transactions need a replica set with a primary, and motor reaches it."""
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(mongodb_url)
    try:
        batches = client.get_default_database()["batches"]
        async with await client.start_session() as session, session.start_transaction(write_concern=MAJORITY):
            await batches.insert_one({"_id": 1}, session=session)
        assert await batches.count_documents({}) == 1
    finally:
        client.close()


async def test_pymongo_writes_in_a_transaction_acknowledged_by_the_majority(mongodb_url: str) -> None:
    """The same through PyMongo's own asynchronous client."""
    async with AsyncMongoClient[dict[str, object]](mongodb_url) as client:
        batches = client.get_default_database()["batches"]
        async with client.start_session() as session, await session.start_transaction(write_concern=MAJORITY):
            await batches.insert_one({"_id": 1}, session=session)
        assert await batches.count_documents({}) == 1


def test_a_test_database_is_dropped_at_its_end(mongodb_server: Server[MongodbAddress]) -> None:
    """Nothing that a test wrote stays on the shared server."""
    with mongodb_server.address.fresh_database() as url, MongoClient[dict[str, object]](url) as client:
        database = client.get_default_database()
        database["batches"].insert_one({})
    with MongoClient[dict[str, object]](mongodb_server.address.url) as client:
        assert database.name not in client.list_database_names()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mongodb://localhost:27017", "mongodb://localhost:27017/photos"),
        ("mongodb://a,b:2/?replicaSet=rs0", "mongodb://a,b:2/photos?replicaSet=rs0"),
        ("mongodb://u:p@a/", "mongodb://u:p@a/photos?authSource=admin"),
        ("mongodb://u:p@a/people?w=1", "mongodb://u:p@a/photos?w=1&authSource=people"),
        ("mongodb://u:p@a/x?authSource=y", "mongodb://u:p@a/photos?authSource=y"),
    ],
)
def test_naming_a_database_keeps_where_its_user_is_looked_up(url: str, expected: str) -> None:
    """The database in a MongoDB URL also says where to authenticate, unless authSource does."""
    assert with_database(url, "photos") == expected


@pytest.fixture
def own_servers(rabbitmq_server: Server[RabbitmqAddress], mongodb_server: Server[MongodbAddress]) -> Iterator[Servers]:
    """A second pair beside the run's own, started the same way, to be killed and wiped."""
    if "given" in {rabbitmq_server.way, mongodb_server.way}:
        pytest.skip("servers that the environment named are not the tests' to kill; unset DARKROOM_TEST_*_URL")
    with running_servers() as servers:
        yield servers


async def test_killed_servers_come_back_with_their_data_and_wiped_ones_without(own_servers: Servers) -> None:
    """Chaos tests kill a server, start it at the same address, and find what it held, unless it was wiped."""
    await declare_queue(own_servers.rabbitmq_url, passive=False)
    with MongoClient[dict[str, object]](own_servers.mongodb_url) as client:
        client["kept"]["batches"].with_options(write_concern=MAJORITY).insert_one({})
    # RabbitMQ confirms a new queue before its record is on disk: kill -9 within some 5 s of that loses it.
    own_servers.rabbitmq.stop()
    own_servers.rabbitmq.start()
    for server in (own_servers.rabbitmq, own_servers.mongodb):
        server.kill()
        server.start()
    await declare_queue(own_servers.rabbitmq_url, passive=True)
    with MongoClient[dict[str, object]](own_servers.mongodb_url) as client:
        assert "kept" in client.list_database_names()
    own_servers.mongodb.stop()
    own_servers.mongodb.wipe()
    own_servers.mongodb.start()
    with MongoClient[dict[str, object]](own_servers.mongodb_url) as client:
        assert "kept" not in client.list_database_names()


async def declare_queue(url: str, *, passive: bool) -> None:
    """Declare a durable queue, or with `passive` fail unless it is there."""
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        await channel.declare_queue("work", durable=True, passive=passive)


def test_nothing_goes_on_beside_a_test_while_servers_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that reads the environment fails when pytest changes it, as it does for each test."""
    begun = threading.Barrier(2)

    def find_none(_settings: ServerSettings) -> None:
        begun.wait(GONE_SECONDS)
        raise ServerUnavailable("none")

    for name in ("find_rabbitmq", "find_mongodb"):
        monkeypatch.setattr(f"tests.servers.finding.{name}", find_none)
    with running_servers() as servers:
        assert servers.starting_rabbitmq.done()
        assert servers.starting_mongodb.done()


def test_a_missing_server_is_named_with_every_reason_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lacks the servers reads what was tried and which command helps."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setattr("tests.servers.native_mongodb.UNPACKED", Path("/nonexistent"))
    settings = ServerSettings(mongodb_url=None, servers="auto").model_copy(update={"path": "/nonexistent"})
    with pytest.raises(ServerUnavailable, match=r"docker: no container.*native: mongod is not.*install-test-servers"):
        find_mongodb(settings)


def test_a_given_server_is_used_and_never_stopped(rabbitmq_server: Server[RabbitmqAddress]) -> None:
    """A server that the environment named is checked and used, and outlives the tests."""
    address = rabbitmq_server.address
    given = find_rabbitmq(ServerSettings(rabbitmq_url=address.url, rabbitmq_management_url=address.management_url))
    assert isinstance(given, GivenServer)
    with pytest.raises(ServerUnavailable, match="not the tests' to stop"):
        given.kill()
    given.discard()
    assert address.ready()


KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from tests.servers.processes import ProcessGroup
folder = Path(sys.argv[1])
process = ProcessGroup(folder).start(["sleep", "600"], {"PATH": os.defpath}, folder / "log")
print(process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_test_run_takes_its_server_processes_and_their_folder_with_it(tmp_path: Path) -> None:
    """Even SIGKILL, which no cleanup code survives, leaves no process and no folder."""
    folder = tmp_path / "server"
    folder.mkdir()
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", KILLED_RUN, folder], cwd=root, capture_output=True, check=False)
    assert run.returncode == -signal.SIGKILL
    assert wait_until(lambda: not is_running(int(run.stdout)), GONE_SECONDS)
    assert not folder.exists()


def is_running(pid: int) -> bool:
    """Whether a process of that id exists and is no zombie that nobody has waited for."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
