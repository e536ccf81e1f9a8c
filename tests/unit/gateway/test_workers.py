"""Which workers there are, over HTTP."""

from datetime import timedelta

from services.gateway.background.system_figures import SEEN_SECONDS
from shared.documents import WorkerRecord
from tests.fakes import START
from tests.unit.gateway.conftest import Gateway


def record(name: str, *, silent_seconds: float = 0.0) -> WorkerRecord:
    """A worker that has developed 30 images in 60 seconds, as it was last seen."""
    seen_at = START - timedelta(seconds=silent_seconds)
    started_at = seen_at - timedelta(seconds=60)
    return WorkerRecord(id=name, host="here", slots=4, developed_images=30, started_at=started_at, seen_at=seen_at)


async def test_workers_are_listed_with_their_rates_and_ages(gateway: Gateway) -> None:
    """Times end in Z, as all that are new do."""
    await gateway.ports.workers.report(record("b", silent_seconds=5))
    [worker] = (await gateway.client.get("/pipeline/system/workers")).json()["data"]
    assert worker == {
        "id": "b",
        "host": "here",
        "slots": 4,
        "in_hand": None,
        "developed_images": 30,
        "images_per_second": 0.5,
        "started_at": (START - timedelta(seconds=65)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seen_at": (START - timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "heartbeat_age_seconds": 5.0,
    }


async def test_workers_that_have_ended_are_not_listed(gateway: Gateway) -> None:
    """They are silent for longer than they may be."""
    await gateway.ports.workers.report(record("gone", silent_seconds=SEEN_SECONDS + 1))
    assert (await gateway.client.get("/pipeline/system/workers")).json()["data"] == []


async def test_a_worker_that_has_just_started_has_no_rate_yet() -> None:
    """Nothing is divided by no time."""
    fresh = record("new").model_copy(update={"started_at": START, "seen_at": START})
    assert fresh.images_per_second == 0.0
