"""Darkroom as a contender: its four services as processes on real servers, a batch uploaded over HTTP and polled."""

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import httpx
from pymongo import MongoClient

from bench.contender import ContenderFailedError, Measured, Surroundings
from bench.darkroom_client import DarkroomClient, Fields
from bench.processor_time import ProcessorMeter
from bench.started_process import StartedProcess, log_tails, started_process
from bench.waiting import BATCH_POLL_SECONDS, START_POLL_SECONDS
from bench.workloads import CHUNK_SIZE, Workload

UPLOAD_TIMEOUT_SECONDS = 300.0


def run_darkroom(workload: Workload, surroundings: Surroundings) -> Measured:
    """Have the four services handle the workload; raises `ContenderFailedError` with their logs."""
    servers, port = surroundings.servers, _free_port()
    with (
        servers.rabbitmq.address.fresh_virtual_host() as rabbitmq_url,
        servers.mongodb.address.fresh_database() as mongodb_url,
    ):
        settings = {
            "DARKROOM_RABBITMQ_URL": rabbitmq_url,
            "DARKROOM_MONGODB_URL": mongodb_url,
            "DARKROOM_OBJECTS_URL": str(surroundings.folder / "objects"),
            "DARKROOM_PORT": str(port),
            "DARKROOM_WORKER_CHILDREN": str(surroundings.cores),
        }
        try:
            with (
                _started_services(workload, settings, surroundings) as services,
                httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=UPLOAD_TIMEOUT_SECONDS) as http,
                MongoClient[Fields](mongodb_url) as documents,
            ):
                return _measure(DarkroomClient(http, documents, services), workload, surroundings)
        except (ContenderFailedError, httpx.HTTPError) as error:
            raise ContenderFailedError(f"{error}\n{log_tails(surroundings.folder)}") from error


@contextmanager
def _started_services(
    workload: Workload, settings: Mapping[str, str], surroundings: Surroundings
) -> Iterator[Mapping[str, StartedProcess]]:
    modules = {role: f"services.{role}" for role in ("gateway", "chunker", "tracker", "worker")}
    if not workload.develops:
        modules["worker"] = "bench.noop_worker"
    with ExitStack() as stack:
        yield {
            role: stack.enter_context(started_process(["-m", module], settings, surroundings.folder / f"{role}.log"))
            for role, module in modules.items()
        }


def _measure(client: DarkroomClient, workload: Workload, surroundings: Surroundings) -> Measured:
    client.wait_until_ready()
    client.wait_until_finished(client.upload(workload.warm_up, chunk_size=1), START_POLL_SECONDS)
    started = time.perf_counter()
    batch_id = client.upload(workload.originals, CHUNK_SIZE)
    upload_seconds = time.perf_counter() - started
    roles = {role: [process.pid] for role, process in client.processes.items()}
    meter = ProcessorMeter({**roles, **surroundings.server_processes})
    client.wait_until_finished(batch_id, BATCH_POLL_SECONDS)
    spent = meter.spent()
    return Measured(client.processing_seconds(batch_id), spent, upload_seconds)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
