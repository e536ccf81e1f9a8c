"""Real processes killed with real signals: nothing is lost, and everything stops when told to."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_upload_to_prints import follow, images, upload
from tests.processes import RunningDarkroom, RunningProcess, free_port, wait_until


def status(darkroom: RunningDarkroom, batch_id: str) -> dict[str, object]:
    """The batch as the contract's clients see it."""
    return dict(httpx.get(f"{darkroom.base_url}/pipeline/batch/{batch_id}", timeout=10).json()["data"])


@pytest.mark.parametrize("victim", ["worker", "tracker", "chunker"])
def test_a_killed_service_costs_nothing(services: RunningDarkroom, photographs: list[Path], victim: str) -> None:
    """Kill -9 in the middle of a batch, then start again: every image is completed and counted once."""
    data = upload(services.base_url, photographs * 5, "chunk_size=4")
    batch_id = data["context_id"]
    wait_until(lambda: int(str(status(services, batch_id)["completed_images"])) > 0, "the first image is completed")

    services.processes[victim].signal(signal.SIGKILL)
    services.processes[victim].wait()
    services.processes[victim].restart()

    last = follow(services.base_url, batch_id)[-1]
    assert (last["status"], last["completed_images"], last["failed_images"]) == ("SUCCESS", 120, 0), services.logs()
    assert all(image["outcome"] == "completed" for image in images(services.base_url, batch_id))


def test_a_killed_gateway_forgets_no_batch(services: RunningDarkroom, photographs: list[Path]) -> None:
    """Kill -9 right after the answer: the batch is recorded, and develops whether or not it was published."""
    data = upload(services.base_url, photographs)
    services.processes["gateway"].signal(signal.SIGKILL)
    services.processes["gateway"].wait()
    services.processes["gateway"].restart()
    wait_until(services.is_ready, "the gateway is ready again")

    last = follow(services.base_url, data["context_id"])[-1]

    assert (last["status"], last["completed_images"]) == ("SUCCESS", 24), services.logs()


def test_every_service_stops_when_told_streams_included(services: RunningDarkroom, photographs: list[Path]) -> None:
    """SIGTERM in the middle of a batch with a stream open: all processes end in 10 s; the next start finishes it."""
    data = upload(services.base_url, photographs * 10, "chunk_size=4")
    url = f"{services.base_url}/pipeline/batch/{data['context_id']}/events"
    stream = subprocess.Popen(["curl", "-sN", url], stdout=subprocess.PIPE)
    try:
        for process in services.processes.values():
            process.signal(signal.SIGTERM)
        exits = {name: process.wait(10) for name, process in services.processes.items()}
    finally:
        stream.kill()
        stream.communicate()
    assert set(exits.values()) == {0}, services.logs()

    for process in services.processes.values():
        process.restart()
    wait_until(services.is_ready, "the gateway is ready again")
    last = follow(services.base_url, data["context_id"])[-1]
    assert (last["status"], last["completed_images"]) == ("SUCCESS", 240), services.logs()


def test_a_service_told_to_stop_before_it_has_its_servers_ends_cleanly(tmp_path: Path) -> None:
    """It waits for servers that are not there; to be told to stop then is no failure."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "DARKROOM_RABBITMQ_URL": f"amqp://127.0.0.1:{free_port()}/",
        "DARKROOM_MONGODB_URL": f"mongodb://127.0.0.1:{free_port()}/darkroom?serverSelectionTimeoutMS=300",
        "DARKROOM_OBJECTS_URL": str(tmp_path / "objects"),
        "DARKROOM_PORT": str(free_port()),
    }
    command = [sys.executable, "-m", "services.tracker"]
    process = RunningProcess("tracker", command, environment, tmp_path / "tracker.log")
    try:
        wait_until(lambda: "server_not_there_yet" in process.log_file.read_text(), "it waits for its servers")
        process.signal(signal.SIGTERM)
        assert process.wait(10) == 0, process.log_file.read_text()
    finally:
        process.stop()
    assert "service_stopped" in process.log_file.read_text()
