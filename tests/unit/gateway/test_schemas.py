"""The batch's status as the contract has it."""

import json
from datetime import timedelta

import pytest

from services.gateway.answers.schemas import BatchStatus
from shared.documents import Batch, FailureThreshold
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


def test_a_paused_batch_says_so_and_has_no_time_remaining() -> None:
    """Its status is one that the contract knows."""
    running = new_batch("b").released(5, START).changed(START, rate_images_per_second=2.0, completed_images=4)
    assert status(running)["estimated_time_remaining"] == 3.0
    read = status(running.with_pause(START))
    assert (read["status"], read["paused"], read["estimated_time_remaining"]) == ("STARTED", True, None)
    assert read["progress_percentage"] == 40.0


def test_a_stopping_batch_says_why_and_since_when() -> None:
    """While its status still is what it was."""
    read = status(new_batch("b").released(5, START).stopped("cancelled", START))
    assert (read["status"], read["stop_reason"], read["stopped_at"]) == ("STARTED", "cancelled", "2025-01-15T10:30:00")
    read = status(new_batch("b"))
    assert (read["stop_reason"], read["stopped_at"], read["paused"], read["generation"]) == (None, None, False, 0)


def test_revoked_images_are_no_progress() -> None:
    """The percentage is that of images which were developed or failed, as ever."""
    batch = new_batch("b").model_copy(
        update={"status": "REVOKED", "completed_images": 3, "failed_images": 1, "revoked_images": 6}
    )
    read = status(batch)
    assert (read["progress_percentage"], read["revoked_images"]) == (40.0, 6)


def test_a_failure_threshold_is_two_plain_numbers() -> None:
    """Or two nulls."""
    threshold = FailureThreshold(percent=12.5, sample=5)
    read = status(new_batch("b").model_copy(update={"failure_threshold": threshold}))
    assert (read["failure_threshold"], read["failure_sample"]) == (12.5, 5)
    read = status(new_batch("b"))
    assert (read["failure_threshold"], read["failure_sample"]) == (None, None)
