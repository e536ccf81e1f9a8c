"""Services told to stop while there is work: what is in hand is finished or handed back, and nobody notices."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from shared.messaging.topology import work_queues
from tests.e2e.test_controls import wait_for_first, watching
from tests.e2e.test_upload_to_prints import follow, images, upload
from tests.processes import RunningDarkroom, RunningProcess, wait_until
from tests.servers import Server
from tests.servers.rabbitmq import RabbitmqAddress

DRAIN_SECONDS = 10
AT_ONCE_SECONDS = 4
"""A second signal is obeyed within this, while a drain would wait for the image in hand."""

SLOW_WORKER = """
import runpy, sys, services.worker.children.pool as children
children.ImageChildren.__init__.__defaults__ = (None, "tests.e2e.slow_image:" + sys.argv[1])
runpy.run_module("services.worker", run_name="__main__")
"""


def chunks_of(services: RunningDarkroom, batch_id: str) -> list[dict[str, Any]]:
    """A batch's chunks as they are recorded."""
    with MongoClient[dict[str, Any]](services.environment["DARKROOM_MONGODB_URL"]) as client:
        return list(client.get_default_database()["chunks"].find({"batch_id": batch_id}))


def test_a_rolling_restart_of_every_service_under_load_is_not_noticed(
    services: RunningDarkroom, photographs: list[Path], rabbitmq_server: Server[RabbitmqAddress]
) -> None:
    """Each stops cleanly and in time; no image fails, no chunk counts a lost worker, progress never steps back."""
    batches: list[str] = []
    with ExitStack() as watchers:
        seen: list[list[dict[str, Any]]] = []
        for name in ("tracker", "chunker", "worker", "tracker", "chunker", "worker"):
            # A new batch each time: there is work in hand however fast the machine is.
            batches.append(upload(services.base_url, photographs * 2, "chunk_size=4")["context_id"])
            seen.append(watchers.enter_context(watching(services, batches[-1])))
            wait_for_first(services, batches[-1])
            restart(services.processes[name])
    batches.append(upload(services.base_url, photographs * 2, "chunk_size=4")["context_id"])
    restart(services.processes["gateway"])
    wait_until(services.is_ready, "the gateway is ready again")

    for batch_id in batches:
        last = follow(services.base_url, batch_id)[-1]
        assert (last["status"], last["completed_images"]) == ("SUCCESS", 48), services.logs()
        assert all(image["outcome"] == "completed" for image in images(services.base_url, batch_id))
        assert {chunk["losses"] for chunk in chunks_of(services, batch_id)} == {0}
    for events in seen:
        assert [event["completed_images"] for event in events] == sorted(event["completed_images"] for event in events)
    assert dead_letters(rabbitmq_server, services.environment["DARKROOM_RABBITMQ_URL"]) == 0


def restart(process: RunningProcess) -> None:
    """Tell it to stop, see that it does so cleanly and in time, and start it again."""
    process.signal(signal.SIGTERM)
    assert process.wait(DRAIN_SECONDS) == 0, process.log_file.read_text()[-3000:]
    process.restart()


def dead_letters(server: Server[RabbitmqAddress], url: str) -> int:
    """How many dead letters there are in a virtual host."""
    queues = server.address._call("GET", f"queues/{url.rpartition('/')[2]}").json()
    dead = {queue.dead_letter_queue for queue in work_queues()}
    return sum(int(queue.get("messages", 0)) for queue in queues if queue["name"] in dead)


@pytest.mark.parametrize("signals", [1, 2], ids=["at the deadline", "at a second signal"])
def test_a_worker_that_cannot_finish_in_time_hands_its_chunk_back(
    services: RunningDarkroom, photographs: list[Path], signals: int
) -> None:
    """Its image would take ten minutes; another worker has the chunk at once, and nobody counts a lost worker."""
    worker = services.processes["worker"]
    with slow_worker(worker, "develop_slowly") as slow:
        batch_id = upload(services.base_url, photographs[:3], "chunk_size=4")["context_id"]
        wait_until(lambda: any(chunk["worker"] for chunk in chunks_of(services, batch_id)), "the chunk is claimed")
        began = time.monotonic()
        slow.signal(signal.SIGTERM)
        if signals > 1:  # two at once may be delivered as one
            wait_until(lambda: '"stopping"' in slow.log_file.read_text(), "the first signal has been heard")
            slow.signal(signal.SIGTERM)
        slow.wait(AT_ONCE_SECONDS if signals > 1 else DRAIN_SECONDS)
    assert time.monotonic() - began < DRAIN_SECONDS
    (chunk,) = chunks_of(services, batch_id)
    assert (chunk["worker"], chunk["losses"], chunk["suspect"]) == (None, 0, None)

    worker.restart()
    last = follow(services.base_url, batch_id)[-1]
    assert (last["status"], last["completed_images"]) == ("SUCCESS", 3), services.logs()


@contextmanager
def slow_worker(worker: RunningProcess, work: str) -> Iterator[RunningProcess]:
    """Another worker in the place of this one, whose children do that of `tests.e2e.slow_image` with each image."""
    worker.signal(signal.SIGTERM)
    worker.wait()
    command = [sys.executable, "-c", SLOW_WORKER, work]
    log_file = worker.log_file.with_name(f"slow worker {uuid4()}.log")
    slow = RunningProcess("slow worker", command, worker.environment, log_file)
    try:
        yield slow
    finally:
        if slow.is_running:
            slow.signal(signal.SIGKILL)
            slow.wait()
