"""Four services on real servers: each counts its own work, and Prometheus has a figure for each panel."""

import json
import math
import signal
from collections.abc import Iterator
from pathlib import Path

from tests.integration.monitoring.conftest import PHOTOGRAPHS, Prometheus, WatchedDarkroom, get
from tests.processes import SERVICES, free_port, running_embedded, wait_until
from tests.programs import needs_prometheus
from tests.unit.test_monitoring import MONITORING


def test_each_service_counts_what_it_does(watched: WatchedDarkroom, photographs: list[Path]) -> None:
    """A batch of photographs with one file that is no image."""
    before = watched.total("worker", "darkroom_images_total", outcome="completed")
    status = watched.develop(photographs)
    assert (status["completed_images"], status["failed_images"]) == (PHOTOGRAPHS, 1)

    total = watched.total
    assert total("worker", "darkroom_images_total", outcome="completed") == before + PHOTOGRAPHS
    assert total("worker", "darkroom_images_total", outcome="failed") >= 1
    for stage in ("fetch", "queue", "decode", "steps", "encode", "store", "publish"):
        assert total("worker", "darkroom_image_stage_seconds_count", stage=stage) > 0, stage
    assert total("worker", "darkroom_children") > 0
    assert total("tracker", "darkroom_image_stage_seconds_count", stage="fold") > 0
    assert total("tracker", "darkroom_batches_ended_total") >= 1
    assert total("chunker", "darkroom_messages_published_total", type="chunk.ready") >= 1
    assert total("gateway", "darkroom_http_requests_total", route="/pipeline/batch", method="POST") >= 1
    assert total("gateway", "darkroom_upload_bytes_total") > sum(path.stat().st_size for path in photographs)
    assert total("gateway", "darkroom_queue_consumers", queue="tracker.results") == 1
    for service in SERVICES:
        assert total(service, "darkroom_server_call_seconds_count", server="documents") > 0, service
        assert total(service, "darkroom_part_up", part="mongodb") == 1, service


def test_metrics_are_not_at_the_port_of_clients(watched: WatchedDarkroom) -> None:
    """Nor under a name that a page may have bound to the health port's address."""
    assert get(f"{watched.base_url}/metrics").status_code == 404
    for port in watched.health_ports.values():
        answer = get(f"http://127.0.0.1:{port}/metrics", headers={"host": "other.example"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (421, "host_unknown")


def test_everything_in_one_process_has_a_health_port_too(tmp_path: Path) -> None:
    """With the figures of all services at once."""
    port = free_port()
    with running_embedded(tmp_path, DARKROOM_HEALTH_PORT=str(port)) as darkroom:
        text = get(f"http://127.0.0.1:{port}/metrics").raise_for_status().text
        for name in (
            "darkroom_children{",
            "darkroom_claims_lost_total",
            "darkroom_queue_messages{",
            "darkroom_streams{",
        ):
            assert name in text
        assert get(f"{darkroom.base_url}/metrics").status_code == 404


def panels() -> Iterator[tuple[str, str]]:
    """Each expression of the dashboard with its panel's title."""
    dashboard = json.loads((MONITORING / "grafana" / "dashboards" / "darkroom.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m")


@needs_prometheus
def test_every_panel_of_the_dashboard_has_figures(
    watched: WatchedDarkroom, prometheus: Prometheus, photographs: list[Path]
) -> None:
    """Once a batch has been developed and Prometheus has read twice since."""
    watched.develop(photographs)
    for title, expression in panels():

        def has_figures(expression: str = expression) -> bool:
            return any(not math.isnan(value) for value in prometheus.query(expression))

        wait_until(has_figures, f"figures for {title}: {expression}", seconds=30)


@needs_prometheus
def test_an_alert_fires_while_its_fault_is_there(watched: WatchedDarkroom, prometheus: Prometheus) -> None:
    """The store is unmounted and comes back; a tracker hangs and goes on."""
    assert "worker" not in prometheus.firing("StoreAway")
    watched.store.empty()
    try:
        wait_until(lambda: {"gateway", "worker"} <= prometheus.firing("StoreAway"), "both miss the store")
    finally:
        watched.store.bring_back()
    wait_until(lambda: not prometheus.firing("StoreAway"), "the store is back")

    watched.processes["tracker"].signal(signal.SIGSTOP)
    try:
        wait_until(lambda: "tracker" in prometheus.firing("ServiceMissing"), "no tracker answers")
    finally:
        watched.processes["tracker"].signal(signal.SIGCONT)
    wait_until(lambda: "tracker" not in prometheus.firing("ServiceMissing"), "a tracker answers again")
