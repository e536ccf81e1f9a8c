"""A system on real servers that a real Prometheus watches."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from examples.sample_photographs import write_sample_photographs
from tests.chaos.objects_away import ObjectsFolder
from tests.processes import SERVICES, RunningProcess, free_port, wait_until
from tests.servers import Server
from tests.servers.mongodb import MongodbAddress
from tests.servers.rabbitmq import RabbitmqAddress
from tests.unit.test_monitoring import MONITORING

PHOTOGRAPHS = 6
PATIENCE_SECONDS = 30.0
"""Longest that one answer may take: these servers share the machine with other tests."""

get = partial(httpx.get, timeout=PATIENCE_SECONDS)


@dataclass(frozen=True)
class WatchedDarkroom:
    """Where the gateway answers, the health port of each service, its process, and the folder of objects."""

    base_url: str
    health_ports: Mapping[str, int]
    store: ObjectsFolder
    processes: dict[str, RunningProcess] = field(default_factory=dict)

    def is_ready(self) -> bool:
        """Whether every service says so."""
        try:
            answers = [get(f"http://127.0.0.1:{port}/readyz") for port in self.health_ports.values()]
        except httpx.TransportError:
            return False
        return all(answer.is_success for answer in answers)

    def metrics(self, service: str) -> str:
        """What the service exposes."""
        return get(f"http://127.0.0.1:{self.health_ports[service]}/metrics").raise_for_status().text

    def total(self, service: str, name: str, **labels: str) -> float:
        """The sum over the service's samples of that name with these labels."""
        families = text_string_to_metric_families(self.metrics(service))
        samples = (sample for family in families for sample in family.samples)
        return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())

    def develop(self, files: list[Path]) -> dict[str, Any]:
        """Upload files and wait for the batch's end; answers its status."""
        uploads = [("files", (path.name, path.read_bytes())) for path in files]
        answer = httpx.post(
            f"{self.base_url}/pipeline/batch", data={"batch_name": "watched"}, files=uploads, timeout=60
        )
        address = f"{self.base_url}/pipeline/batch/{answer.json()['data']['context_id']}"
        wait_until(lambda: get(address).json()["data"]["finished_at"], "the batch has finished")
        status: dict[str, Any] = get(address).json()["data"]
        return status


@pytest.fixture(scope="module")
def watched(
    rabbitmq_server: Server[RabbitmqAddress],
    mongodb_server: Server[MongodbAddress],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WatchedDarkroom]:
    """Four services as processes, ready."""
    folder, port = tmp_path_factory.mktemp("watched"), free_port()
    health_ports = {service: free_port() for service in SERVICES}
    watched = WatchedDarkroom(f"http://127.0.0.1:{port}", health_ports, ObjectsFolder(folder))
    with (
        rabbitmq_server.address.fresh_virtual_host() as rabbitmq_url,
        mongodb_server.address.fresh_database() as mongodb_url,
        ExitStack() as stack,
    ):
        for service, health_port in watched.health_ports.items():
            environment = {
                "PATH": "/usr/bin:/bin",
                "DARKROOM_RABBITMQ_URL": rabbitmq_url,
                "DARKROOM_MONGODB_URL": mongodb_url,
                "DARKROOM_OBJECTS_URL": str(watched.store.path),
                "DARKROOM_PORT": str(port),
                "DARKROOM_HEALTH_PORT": str(health_port),
            }
            command = [sys.executable, "-m", f"services.{service}"]
            process = RunningProcess(service, command, environment, folder / f"{service}.log")
            stack.callback(process.stop)
            watched.processes[service] = process
        wait_until(watched.is_ready, "every service is ready")
        yield watched


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Some photographs, and a file that is none."""
    folder = tmp_path_factory.mktemp("photographs")
    odd = folder / "notes.txt"
    odd.write_text("no image")
    return [*write_sample_photographs(folder, count=PHOTOGRAPHS, megapixels=0.3), odd]


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus."""

    base_url: str

    def query(self, expression: str) -> list[float]:
        """The present values of an expression; none where there is nothing."""
        response = get(f"{self.base_url}/api/v1/query", params={"query": expression})
        answer = response.raise_for_status().json()
        assert answer["status"] == "success", (expression, answer)
        return [float(result["value"][1]) for result in answer["data"]["result"]]

    def firing(self, alert: str) -> set[str]:
        """The jobs for which the alert fires."""
        alerts = get(f"{self.base_url}/api/v1/alerts").raise_for_status().json()["data"]["alerts"]
        mine = (each for each in alerts if each["labels"]["alertname"] == alert and each["state"] == "firing")
        return {each["labels"]["job"] for each in mine}


@pytest.fixture
def prometheus(watched: WatchedDarkroom, tmp_path: Path) -> Iterator[Prometheus]:
    """A Prometheus that reads the services every second, with the alerts at once and not when they have lasted."""
    rules = tmp_path / "alerts.yml"
    rules.write_text(re.sub(r"for: \w+", "for: 0s", (MONITORING / "alerts.yml").read_text()))
    jobs = [
        {"job_name": service, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
        for service, port in watched.health_ports.items()
    ]
    every_second = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration = tmp_path / "prometheus.yml"  # JSON is YAML
    configuration.write_text(json.dumps({"global": every_second, "rule_files": [str(rules)], "scrape_configs": jobs}))
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={configuration}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (tmp_path / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    running = Prometheus(f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: _has_read_all(running), "Prometheus has read every service")
        yield running
    finally:
        process.terminate()
        process.wait()


def _has_read_all(prometheus: Prometheus) -> bool:
    try:
        return prometheus.query("sum(up)") == [len(SERVICES)]
    except httpx.HTTPError:  # a 503 while it starts
        return False
