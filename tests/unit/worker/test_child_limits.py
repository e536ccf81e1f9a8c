from dataclasses import fields

import pytest

from services.gateway.settings import GatewaySettings
from services.worker.children.limits import ChildLimits, child_limits
from services.worker.imaging.limits import ImageLimits
from services.worker.settings import WorkerSettings


def test_without_settings_both_say_the_same() -> None:
    """Image code knows no settings, so their defaults stand in two places."""
    assert child_limits(WorkerSettings()) == ChildLimits()


@pytest.mark.parametrize("name", [limit.name for limit in fields(ImageLimits)])
def test_every_limit_of_images_is_a_setting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own name."""
    monkeypatch.setenv(f"DARKROOM_{name.upper()}", "77")
    limits = child_limits(WorkerSettings()).image
    assert [limit.name for limit in fields(limits) if getattr(limits, limit.name) == 77] == [name]


@pytest.mark.parametrize(
    ("setting", "limit"),
    [
        ("worker_children", "children"),
        ("images_per_child", "images_per_child"),
        ("child_memory_bytes", "memory_bytes"),
        ("child_cpu_seconds", "cpu_seconds_per_image"),
        ("child_file_bytes", "file_bytes"),
        ("child_open_files", "open_files"),
        ("image_timeout_seconds", "image_timeout_seconds"),
        ("child_start_timeout_seconds", "start_timeout_seconds"),
    ],
)
def test_every_limit_of_children_is_a_setting(setting: str, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And reaches the right one."""
    monkeypatch.setenv(f"DARKROOM_{setting.upper()}", "777777777")
    limits = child_limits(WorkerSettings())
    assert [field.name for field in fields(limits) if getattr(limits, field.name) == 777777777] == [limit]


def test_gateway_and_worker_agree_on_the_largest_file() -> None:
    """One variable sets both, so one default has to stand behind it."""
    assert GatewaySettings().max_file_bytes == WorkerSettings().max_file_bytes
