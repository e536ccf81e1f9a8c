"""The oracle: what clients attempted, what was acknowledged to them, and what they saw."""

from dataclasses import dataclass, field

from shared.documents import Priority
from tests.chaos.pictures import Picture


@dataclass
class Asked:
    """One kind of control on one batch: how often it was asked for, how often a 200 came back, how often nothing."""

    times: int = 0
    granted: int = 0
    unanswered: int = 0


@dataclass
class Upload:
    """One batch as its client knows it. `key` is its name and its Idempotency-Key."""

    key: str
    pictures: tuple[Picture, ...]
    recipe: str
    priority: Priority
    chunk_size: int
    attempts: int = 0
    batch_ids: set[str] = field(default_factory=set)
    cancel: Asked = field(default_factory=Asked)
    pause: Asked = field(default_factory=Asked)
    retry: Asked = field(default_factory=Asked)
    delete: Asked = field(default_factory=Asked)
    retried_indexes: set[int] = field(default_factory=set)
    """Images that were asked for by their indexes, completed or not."""

    cancelled_last: bool = False
    """Whether a cancellation was granted and no retry was asked for after it."""

    deleted: bool = False
    """Whether the client was told that the batch is gone."""

    finished: bool = False
    """Whether the client saw it finished, after all that the client had asked for."""

    @property
    def is_acknowledged(self) -> bool:
        """Whether the client knows that the batch was taken."""
        return bool(self.batch_ids)


@dataclass
class Ledger:
    """Every upload, and every breach that a client saw with its own eyes."""

    uploads: list[Upload] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)

    @property
    def attempted_images(self) -> int:
        """Images in all uploads that were tried."""
        return sum(len(upload.pictures) for upload in self.uploads if upload.attempts)

    @property
    def acknowledged_images(self) -> int:
        """Images in all uploads that were answered with 200."""
        return sum(len(upload.pictures) for upload in self.uploads if upload.is_acknowledged)


class Witness:
    """One reader of one batch's status, to whom nothing may ever step back."""

    def __init__(self, ledger: Ledger, key: str, total_images: int, reader: str) -> None:
        self._ledger = ledger
        self._name = f"batch {key} as {reader} saw it"
        self._total_images = total_images
        self._last: dict[str, int] = {}

    def sees(self, status: dict[str, object]) -> None:
        """Compare a status with the one before it."""
        names = ("version", "generation", "completed_images", "failed_images", "revoked_images")
        now = {name: int(str(status.get(name, 0))) for name in names}
        for name in ("version", "generation", "completed_images"):
            if now[name] < self._last.get(name, 0):
                self._breach(f"{name} stepped back from {self._last[name]} to {now[name]}")
        same_generation = now["generation"] == self._last.get("generation", 0)
        for name in ("failed_images", "revoked_images"):
            if same_generation and now[name] < self._last.get(name, 0):
                self._breach(f"{name} stepped back from {self._last[name]} to {now[name]}")
        ended = now["completed_images"] + now["failed_images"] + now["revoked_images"]
        if ended > self._total_images:
            self._breach(f"{ended} of {self._total_images} images ended")
        if status["status"] in {"SUCCESS", "FAILURE", "REVOKED"} and ended != self._total_images:
            self._breach(f"{status['status']} with {ended} of {self._total_images} images ended")
        self._last = now

    def _breach(self, what: str) -> None:
        self._ledger.breaches.append(f"{self._name}: {what}")
