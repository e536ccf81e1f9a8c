"""Metrics as they are documented are those that are exposed, and alerts, dashboard and containers use no others."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from shared.metrics import Metrics
from tests.measured_darkroom import exposition_after_a_batch

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "monitoring"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(darkroom_\w+)` \|([^|]*)\| (\w+) \|", re.MULTILINE)
NAMES = re.compile(r"\b(?:darkroom|process)_\w+")
SUFFIXES = ("_bucket", "_count", "_sum")


def documented() -> Mapping[str, tuple[str, str]]:
    """The metrics of the table, each with its labels and its type."""
    return {name: (labels.replace("`", "").replace(" ", ""), kind) for name, labels, kind in ROW.findall(OPERATIONS)}


def alerts() -> list[dict[str, Any]]:
    """The alert rules."""
    groups = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[str]:
    """Every expression that something is watched by."""
    yield from (rule["expr"] for rule in alerts())
    dashboard = json.loads((MONITORING / "grafana" / "dashboards" / "darkroom.json").read_text())
    yield from (target["expr"] for panel in dashboard["panels"] for target in panel["targets"])


def described(family: Metric) -> tuple[str, tuple[str, str]]:
    """A family as the table describes it. Prometheus' text names counters without their suffix, and infos as gauges."""
    labels = dict.fromkeys(label for sample in family.samples for label in sample.labels if label != "le")
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return name, (",".join(labels), family.type)


async def test_the_table_of_metrics_is_what_a_process_exposes() -> None:
    """Names, labels and types; what has no sample yet has no labels to compare."""
    families = list(text_string_to_metric_families(await exposition_after_a_batch()))
    found = dict(described(family) for family in families if family.name.startswith("darkroom_"))
    table = documented()
    assert found.keys() == table.keys()
    seen = {name: facts for name, facts in found.items() if facts[0]}
    assert {name: sorted(labels.split(",")) for name, (labels, _) in seen.items()} == {
        name: sorted(table[name][0].split(",")) for name in seen
    }
    assert {name: kind for name, (_, kind) in found.items()} == {name: kind for name, (_, kind) in table.items()}


def test_alerts_and_dashboard_use_only_metrics_that_exist() -> None:
    """Those of the table, and those that every process has."""
    known = documented().keys() | {"process_cpu_seconds_total", "process_resident_memory_bytes"}
    for expression in expressions():
        for name in NAMES.findall(expression):
            bare = next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)
            assert {name, bare} & known, (name, expression)


def test_every_alert_has_its_heading_and_every_heading_its_alert() -> None:
    """What to do stands where the alert's name leads."""
    section = OPERATIONS.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    assert [rule["alert"] for rule in alerts()] == re.findall(r"^### (\w+)$", section, re.MULTILINE)


def test_every_alert_says_a_sentence_and_how_urgent_it_is() -> None:
    """For the person who is called."""
    for rule in alerts():
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
        assert rule["labels"]["severity"] in {"page", "warn"}, rule["alert"]


def test_containers_that_watch_are_pinned_confined_and_reached_from_this_machine_alone() -> None:
    """And start only when they are asked for."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    watchers = {name: service for name, service in services.items() if service.get("profiles") == ["monitoring"]}
    assert watchers.keys() == {"prometheus", "grafana"}
    for service in watchers.values():
        assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", service["image"])
        assert int(service["user"].partition(":")[0]) > 0
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    for volume in (v for service in watchers.values() for v in service["volumes"] if v.startswith("./")):
        assert (ROOT / volume.split(":")[0]).exists(), volume


def test_prometheus_reads_the_port_that_the_containers_listen_on() -> None:
    """Of every service, by its name as the job that alerts go by."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    scraped = yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"][0]["dns_sd_configs"][0]
    for name in scraped["names"]:
        environment = compose["services"][name]["environment"]
        assert environment["DARKROOM_HEALTH_PORT"] == scraped["port"], name
        assert environment["DARKROOM_HEALTH_HOST"] == "0.0.0.0", name  # noqa: S104  of a container
        assert not any(str(scraped["port"]) in port for port in compose["services"][name].get("ports", [])), name


def test_the_registry_of_another_process_is_empty() -> None:
    """Nothing is global."""
    assert list(Metrics().registry.collect()) == []
