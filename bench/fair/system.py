"""A whole system whose worker processes share the machine's cores."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from pymongo import MongoClient

from bench.contender import ContenderFailedError
from bench.darkroom_client import DarkroomClient, Fields
from bench.started_process import StartedProcess, log_tails, started_process
from tests.processes import free_port
from tests.servers import Servers
from tests.upgrade.checkouts import Checkout

UPLOAD_TIMEOUT_SECONDS = 300.0


@contextmanager
def running_system(
    servers: Servers, checkout: Checkout, folder: Path, workers: int, children: int
) -> Iterator[DarkroomClient]:
    """Run each service of the checkout on a fresh database and broker, so many workers of so many children each.

    Raises `ContenderFailedError` with the ends of all logs if anything fails.
    """
    with (
        servers.rabbitmq.address.fresh_virtual_host() as rabbitmq_url,
        servers.mongodb.address.fresh_database() as mongodb_url,
        ExitStack() as stack,
    ):
        port = free_port()
        settings = {
            "PYTHONPATH": str(checkout.folder),
            "DARKROOM_RABBITMQ_URL": rabbitmq_url,
            "DARKROOM_MONGODB_URL": mongodb_url,
            "DARKROOM_OBJECTS_URL": str(folder / "objects"),
            "DARKROOM_PORT": str(port),
            "DARKROOM_WORKER_CHILDREN": str(children),
        }
        roles = ("gateway", "chunker", "tracker", *(f"worker-{number}" for number in range(workers)))

        def started(role: str) -> StartedProcess:
            command = ["-m", f"services.{role.partition('-')[0]}"]
            log = folder / f"{role}.log"
            return stack.enter_context(started_process(command, settings, log, checkout.folder, checkout.python))

        try:
            processes = {role: started(role) for role in roles}
            http = stack.enter_context(
                httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=UPLOAD_TIMEOUT_SECONDS)
            )
            documents = stack.enter_context(MongoClient[Fields](mongodb_url))
            yield DarkroomClient(http, documents, processes)
        except (ContenderFailedError, httpx.HTTPError) as error:
            raise ContenderFailedError(f"{error}\n{log_tails(folder)}") from error
