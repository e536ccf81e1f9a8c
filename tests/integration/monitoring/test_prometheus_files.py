"""Prometheus' own tool reads what Darkroom exposes, and its rules fire when they should and only then."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.integration.monitoring.alert_cases import CASES, AlertCase, Series
from tests.measured_darkroom import exposition_after_a_batch
from tests.programs import needs_prometheus
from tests.unit.test_monitoring import MONITORING, alerts

pytestmark = needs_prometheus
EVALUATED_AT = "15m"


def promtool(*arguments: str, given: str = "") -> tuple[int, str]:
    """The exit status of promtool, and what it says."""
    done = subprocess.run(
        ["promtool", *arguments], input=given, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_configuration_and_its_rules_are_valid() -> None:
    """As Prometheus would read them."""
    assert promtool("check", "config", str(MONITORING / "prometheus.yml"))[0] == 0
    status, said = promtool("check", "rules", str(MONITORING / "alerts.yml"))
    assert (status, f"{len(alerts())} rules found" in said) == (0, True), said


async def test_what_is_exposed_follows_the_conventions() -> None:
    """Names, units and help texts: promtool finds nothing to say against them."""
    assert promtool("check", "metrics", given=await exposition_after_a_batch()) == (0, "")


def one_test(case: AlertCase, series: Series, firing: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What promtool tests: series, and what fires a quarter of an hour later."""
    return {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": EVALUATED_AT, "alertname": case.alert, "exp_alerts": firing}],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_an_alert_fires_when_it_should_and_only_then(case: AlertCase, tmp_path: Path) -> None:
    """With the sentence and the labels that a person sees."""
    firing = {"exp_labels": {"severity": case.severity, **case.labels}, "exp_annotations": {"summary": case.says}}
    tests = [one_test(case, case.fires, [firing]), one_test(case, case.quiet, [])]
    file = tmp_path / "alerts.test.json"  # JSON is YAML
    file.write_text(json.dumps({"rule_files": [str(MONITORING / "alerts.yml")], "tests": tests}))
    status, said = promtool("test", "rules", str(file))
    assert status == 0, said


def test_every_alert_is_tested() -> None:
    """Both ways."""
    assert list(dict.fromkeys(case.alert for case in CASES)) == [rule["alert"] for rule in alerts()]
