"""People who go on working while the system is upgraded: uploads, a pause, a cancel, a retry, and what came of it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

PATIENCE_SECONDS = 90.0
ENDED = {"SUCCESS", "FAILURE", "REVOKED"}


@dataclass(frozen=True)
class Upload:
    """A batch that was taken: what it must come to, unless it was cancelled."""

    batch_id: str
    total: int
    damaged: int
    cancelled: bool = False


@dataclass
class Clients:
    """Everything that was uploaded, through whichever gateway answers; `address` tells which that is at present."""

    address: Callable[[], str]
    photographs: Sequence[Path]
    uploads: list[Upload] = field(default_factory=list)
    with_text: bool = False
    """Whether a text goes among the photographs: releases before 0.2 refuse the whole upload for it."""

    def work(self) -> None:
        """Upload one batch of each kind."""
        self._upload(damaged=0)
        self._upload(damaged=2)
        paused = self._upload(damaged=0)
        self._control(paused, "pause")
        cancelled = self._upload(damaged=0, cancelled=True)
        self._control(cancelled, "cancel")
        self._control(paused, "resume")

    def retry_what_failed(self) -> None:
        """Ask for a further generation of each finished batch with damaged files."""
        for upload in self.uploads:
            if upload.damaged and self.status(upload)["status"] == "FAILURE":
                self._control(upload, "retry")

    def status(self, upload: Upload) -> dict[str, Any]:
        """The batch as the gateway tells it."""
        data: dict[str, Any] = self._call("GET", f"/pipeline/batch/{upload.batch_id}").json()["data"]
        return data

    def wait_for_all(self) -> None:
        """Poll until every batch has ended; AssertionError with the first that does not."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        for upload in self.uploads:
            while (status := self.status(upload))["status"] not in ENDED:
                assert time.monotonic() < deadline, f"not ended: {status}"
                time.sleep(0.1)

    def findings(self) -> list[str]:
        """Every way in which a batch came to something else than it must; empty if none did."""
        return [finding for upload in self.uploads for finding in self._findings_of(upload)]

    def _findings_of(self, upload: Upload) -> list[str]:
        status = self.status(upload)
        outcomes = Counter(image["outcome"] for image in self._images(upload))
        told = {name: status[f"{name}_images"] for name in ("completed", "failed", "revoked")}
        wrong = []
        if sum(told.values()) != upload.total or any(outcomes[name] != count for name, count in told.items()):
            wrong.append(f"{upload.batch_id}: counts {told} of {upload.total}, images {dict(outcomes)}")
        if not upload.cancelled and (told["failed"], told["revoked"]) != (upload.damaged, 0):
            wrong.append(f"{upload.batch_id}: {upload.damaged} damaged files, but {told}")
        return wrong

    def _images(self, upload: Upload) -> list[dict[str, Any]]:
        images: list[dict[str, Any]] = self._call("GET", f"/pipeline/batch/{upload.batch_id}/images?limit=1000").json()[
            "data"
        ]["images"]
        for image in images:
            for made in image["prints"].values() if isinstance(image["prints"], dict) else image["prints"]:
                assert self._call("GET", made["url"]).status_code == httpx.codes.OK
        return images

    def _upload(self, *, damaged: int, cancelled: bool = False) -> Upload:
        whole = [("files", (path.name, path.read_bytes())) for path in self.photographs]
        if self.with_text:
            whole.append(("files", ("notes.txt", b"first roll")))
        cut = [("files", (f"cut-{n}.jpg", self.photographs[n].read_bytes()[:3000])) for n in range(damaged)]
        answer = self._call(
            "POST",
            "/pipeline/batch",
            data={"batch_name": "upgrade", "chunk_size": "4"},
            files=[*whole, *cut],
            headers={"Idempotency-Key": str(uuid4())},
        )
        failing = damaged + self.with_text
        upload = Upload(answer.json()["data"]["context_id"], len(whole) + damaged, failing, cancelled)
        self.uploads.append(upload)
        return upload

    def _control(self, upload: Upload, control: str) -> None:
        # A batch that was quicker than the request is a 409, as it should be.
        self._call("POST", f"/pipeline/batch/{upload.batch_id}/{control}", allowed={httpx.codes.CONFLICT})

    def _call(self, method: str, path: str, allowed: Sequence[int] | set[int] = (), **request: Any) -> httpx.Response:
        """Ask again while a gateway is being replaced, as clients do; AssertionError when it stays away."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = httpx.request(method, f"{self.address()}{path}", timeout=30, **request)
            except httpx.TransportError as error:
                reason = repr(error)
            else:
                if answer.is_success or answer.status_code in allowed:
                    return answer
                reason = f"{answer.status_code} {answer.text[:500]}"
                assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, f"{method} {path}: {reason}"
            assert time.monotonic() < deadline, f"{method} {path}: {reason}"
            time.sleep(0.2)
