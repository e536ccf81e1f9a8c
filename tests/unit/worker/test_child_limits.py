import re
from pathlib import Path

import pytest

from services.gateway.settings import GatewaySettings
from services.worker.children.limits import ChildLimits
from services.worker.children.protocol import ChildConfig
from services.worker.imaging.limits import ImageLimits
from services.worker.settings import WorkerSettings


def test_every_limit_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own name."""
    names = list(ChildLimits.model_fields)
    assert set(ImageLimits.model_fields) < set(names)
    for number, name in enumerate(names):
        monkeypatch.setenv(f"DARKROOM_{name.upper()}", str(2**28 + number if name != "max_print_side" else 77))
    settings = WorkerSettings()
    assert [getattr(settings, name) for name in names] == [
        2**28 + number if name != "max_print_side" else 77 for number, name in enumerate(names)
    ]


def test_every_limit_of_a_child_is_documented_with_its_default() -> None:
    """The page says when each is checked and why; the figures are the code's."""
    page = (Path(__file__).parents[3] / "docs" / "image-safety.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (\d+)", page, re.MULTILINE))
    fields = {name: field for name, field in ChildLimits.model_fields.items() if name != "worker_children"}
    assert rows == {
        name.upper(): f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
        for name, field in fields.items()
    }


def test_a_child_learns_its_limits_and_no_other_setting() -> None:
    """The addresses of servers have passwords in them."""
    settings = WorkerSettings(rabbitmq_url="amqp://user:secret@broker", max_side=4711)
    sent = ChildConfig(work="a:b", parent=1, limits=settings).model_dump_json()
    assert "secret" not in sent
    received = ChildConfig.model_validate_json(sent).limits
    assert type(received) is ChildLimits
    assert received.max_side == 4711


def test_gateway_and_worker_agree_on_the_largest_file() -> None:
    """One variable sets both, so one default has to stand behind it."""
    assert GatewaySettings().max_file_bytes == WorkerSettings().max_file_bytes
