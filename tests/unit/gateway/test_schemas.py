"""The batch's status as the contract has it."""

import json
from datetime import timedelta

import pytest

from services.gateway.schemas import BatchStatus
from shared.documents import Batch
from tests.fakes import START, new_batch


def status(batch: Batch) -> dict[str, object]:
    """The JSON that people get."""
    read: dict[str, object] = json.loads(BatchStatus.of(batch).model_dump_json())
    return read


def test_a_batch_under_way_looks_like_the_contracts_example() -> None:
    """Name by name, value by value."""
    batch = new_batch("b", total_images=100).model_copy(
        update={
            "status": "STARTED",
            "completed_images": 45,
            "failed_images": 2,
            "started_at": START + timedelta(milliseconds=123),
            "rate_images_per_second": 53 / 120.5,
        }
    )
    example = {
        "batch_id": "b",
        "status": "STARTED",
        "total_images": 100,
        "completed_images": 45,
        "failed_images": 2,
        "progress_percentage": 47.0,
        "started_at": "2025-01-15T10:30:00",
        "estimated_time_remaining": 120.5,
    }
    assert example.items() <= status(batch).items()


def test_what_is_not_known_yet_is_null() -> None:
    """While nothing has begun."""
    read = status(new_batch("b"))
    assert (read["started_at"], read["finished_at"], read["estimated_time_remaining"]) == (None, None, None)
    assert (read["status"], read["progress_percentage"]) == ("PENDING", 0.0)


@pytest.mark.parametrize(
    ("ended", "percentage"), [(0, 0.0), (1, 0.0), (333_333, 33.33), (999_999, 99.99), (1_000_000, 100.0)]
)
def test_100_percent_is_only_said_at_the_end(ended: int, percentage: float) -> None:
    """However large the batch."""
    batch = new_batch("b", total_images=1_000_000).model_copy(update={"completed_images": ended})
    assert status(batch)["progress_percentage"] == percentage


@pytest.mark.parametrize("end", ["SUCCESS", "FAILURE", "REVOKED"])
def test_a_finished_batch_has_no_time_remaining(end: str) -> None:
    """Zero, not null: it is known."""
    batch = new_batch("b").model_copy(update={"status": end, "finished_at": START})
    assert status(batch)["estimated_time_remaining"] == 0.0
    assert status(batch)["finished_at"] == "2025-01-15T10:30:00"
