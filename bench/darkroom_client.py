"""Darkroom as its clients see it, over HTTP, except for times: the contract's have no fractions of a second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient

from bench.contender import ContenderFailedError
from bench.started_process import StartedProcess
from bench.waiting import wait_for
from bench.workloads import RECIPE
from shared.documents import Priority

START_SECONDS = 60.0
BATCH_SECONDS = 300.0

Fields = dict[str, Any]


@dataclass(frozen=True)
class DarkroomClient:
    """Uploads batches and waits for their ends, which fails as soon as one of the processes has ended."""

    http: httpx.Client
    documents: MongoClient[Fields]
    processes: Mapping[str, StartedProcess]

    def wait_until_ready(self) -> None:
        """Return once the gateway takes uploads."""
        wait_for("the gateway's start", self._ready, self.processes, START_SECONDS)

    def _ready(self) -> bool | None:
        try:
            return True if self.http.get("/readyz").is_success else None
        except httpx.TransportError:
            return None

    def upload(self, originals: Sequence[Path], chunk_size: int, priority: Priority = "normal") -> str:
        """Upload a batch in one request; gives its id."""
        # The same bytes object for the same file, so that a thousand images need no more memory than their files.
        contents = {path: path.read_bytes() for path in set(originals)}
        files = [("files", (path.name, contents[path], "image/jpeg")) for path in originals]
        form = {"batch_name": "bench", "chunk_size": str(chunk_size), "recipe": RECIPE.name, "priority": priority}
        answer = self.http.post("/pipeline/batch", data=form, files=files)
        if not answer.is_success:
            raise ContenderFailedError(f"upload refused: {answer.text[:500]}")
        return str(answer.json()["data"]["context_id"])

    def wait_until_finished(self, batch_id: str, poll_seconds: float) -> None:
        """Return once the status says that the batch has ended, with every image completed."""
        look = partial(self._finished, batch_id)
        status = wait_for("Darkroom's batch", look, self.processes, BATCH_SECONDS, poll_seconds)
        if status["completed_images"] != status["total_images"]:
            raise ContenderFailedError(f"Darkroom completed {status['completed_images']} of {status['total_images']}")

    def completed_images(self, batch_id: str) -> int:
        """How many images of the batch are completed so far."""
        return int(self._status(batch_id)["completed_images"])

    def cancel(self, batch_id: str) -> None:
        """Have the batch end, and return once it has; nothing happens to one that has ended."""
        self.http.post(f"/pipeline/batch/{batch_id}/cancel")
        wait_for("the end of what was cancelled", lambda: self._ended(batch_id), self.processes, BATCH_SECONDS)

    def _finished(self, batch_id: str) -> Fields | None:
        status = self._status(batch_id)
        return status if status["status"] in {"SUCCESS", "FAILURE"} else None

    def _ended(self, batch_id: str) -> bool | None:
        return self._status(batch_id)["status"] in {"SUCCESS", "FAILURE", "REVOKED"} or None

    def _status(self, batch_id: str) -> Fields:
        status: Fields = self.http.get(f"/pipeline/batch/{batch_id}").raise_for_status().json()["data"]
        return status

    def processing_seconds(self, batch_id: str) -> float:
        """From the moment when the batch was recorded (its `started_at`, the first chunk's, is later) to its end."""
        batch = self.documents.get_default_database()["batches"].find_one({"_id": batch_id})
        if batch is None or batch["finished_at"] is None:
            raise ContenderFailedError(f"no finished batch {batch_id} in the database")
        seconds: float = (batch["finished_at"] - batch["created_at"]).total_seconds()
        return seconds
