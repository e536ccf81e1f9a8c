"""What the owners of a simulated run have in mind: the batches that they upload and what they ask for afterwards."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from shared.documents import PRIORITIES, FailureThreshold, Priority
from shared.recipes import BUILT_IN_RECIPES, Recipe

Kind = Literal["good", "rejected", "missing", "unfit", "flaky", "hopeless", "picky", "killer"]
TROUBLES: tuple[Kind, ...] = ("rejected", "missing", "flaky", "hopeless", "picky", "killer")

Act = Literal["cancel", "pause", "resume", "retry", "retry otherwise", "retry some", "delete", "prioritize"]
ACTS: tuple[tuple[Act, ...], ...] = (
    ("cancel", "cancel", "pause", "pause", "resume", "retry", "retry otherwise", "delete"),
    ("cancel", "retry", "retry otherwise"),
    ("retry", "retry otherwise"),
    ("pause", "resume"),
    ("cancel", "delete"),
)
"""What owners have in mind: each asks for acts of one row, and half of the retries are of some images only."""

RECIPE = BUILT_IN_RECIPES["web"]
OTHER_RECIPE = BUILT_IN_RECIPES["archive"]

SIGNATURE = b"\xff\xd8\xff an original: "
"""What the gateway takes for a JPEG file."""

UNFIT = b"a text file among the photographs"

MAX_IMAGES = (2, 8, 25)
"""Small batches end before anything happens to them, large ones take time."""

CANCELLED_AFTER_SECONDS = 0.5

CODES: dict[Kind, str] = {
    "rejected": "unreadable",
    "missing": "original_missing",
    "unfit": "unsupported_format",
    "hopeless": "storage_unavailable",
    "killer": "crashed",
}
"""Kinds of images that never complete, with the code under which they fail."""

RETRIED_CODES = (*CODES.values(), "revoked")


@dataclass(frozen=True)
class Request:
    """What an owner asks for at a moment, in seconds: so often, all at once, each time until there is an answer.

    A retry may be of some `codes` or `indexes` only; a batch is prioritized to `priority`.
    """

    at: float
    act: Act
    together: int
    priority: Priority = "normal"
    codes: frozenset[str] = frozenset()
    indexes: frozenset[int] = frozenset()

    def of_some(self, images: int) -> "Request":
        """This request; if it is a retry, perhaps one of some of so many images only."""
        # A source of its own, so that the seeds that catch broken handlers stay as noted.
        rng = random.Random(str(self.at))
        if self.act != "retry" or rng.random() < 0.5:
            return self
        codes = frozenset(rng.choices(RETRIED_CODES, k=rng.randint(0, 2)))
        indexes = frozenset(rng.choices(range(images), k=rng.randint(0 if codes else 1, 2)))
        return replace(self, act="retry some", codes=codes, indexes=indexes)


@dataclass(frozen=True)
class PlannedBatch:
    """A batch that a client will upload at a moment, in seconds, and what its owner asks for later."""

    name: str
    at: float
    chunk_size: int
    priority: Priority
    images: tuple[Kind, ...]
    threshold: FailureThreshold | None
    key: str | None
    together: int
    requests: tuple[Request, ...]
    is_draft: bool = False

    @classmethod
    def drawn(cls, rng: random.Random, number: int) -> "PlannedBatch":
        """Draw a batch; half of all have only good images, and half of all owners let theirs be."""
        troubled = rng.choice((0.0, 0.0, 0.3, 0.6))
        killers = rng.random() < 0.5
        size = rng.randint(1, rng.choice(MAX_IMAGES))
        troubles = [kind for kind in TROUBLES if killers or kind != "killer"]
        images = [rng.choice(troubles) if rng.random() < troubled else "good" for _ in range(size)]
        # Without a draw of its own, so that the seeds that catch broken handlers stay as noted. The first never is one:
        # an upload without any image is refused.
        images = ["unfit" if kind == "missing" and index % 2 else kind for index, kind in enumerate(images)]
        at = rng.random() * 3
        horizon = rng.choice((1.0, 3.0, 10.0, 40.0))
        acts = rng.choice(ACTS)
        asked = rng.choice((0, 1, 2, 5))
        return cls(
            name=f"p{number}",
            at=at,
            chunk_size=rng.randint(1, 5),
            priority=rng.choice(PRIORITIES),
            images=tuple(images),
            threshold=_threshold(rng) if rng.random() < 0.25 else None,
            key=f"key-{number}" if rng.random() < 0.5 else None,
            together=rng.choice((1, 1, 2)),
            requests=_in_time(
                [*(_request(rng, acts, at, horizon).of_some(size) for _ in range(asked)), *_priority_changes(at)]
            ),
        )

    def code(self, index: int, recipe: Recipe) -> str | None:
        """Under which code this image fails by this recipe; None if it can be developed."""
        kind = self.images[index]
        return "unreadable" if kind == "picky" and recipe == RECIPE else CODES.get(kind)

    def upload(self, number: int) -> str:
        """What the batch is called when it is sent for the n-th time: whoever uses a key sends the same again."""
        return f"{self.name}#{0 if self.key else number}"

    def cancelled_soon(self) -> "PlannedBatch":
        """This batch with an owner who cancels it while it is being developed, before anything else."""
        soon = Request(self.at + CANCELLED_AFTER_SECONDS, "cancel", 1)
        return replace(self, requests=_in_time([soon, *self.requests]))

    def as_draft(self) -> "PlannedBatch":
        """This batch uploaded in several requests."""
        return replace(self, is_draft=True)

    @property
    def asked_until(self) -> float:
        """The moment of its owner's last request."""
        return max((request.at for request in self.requests), default=self.at)

    @property
    def may_be_deleted(self) -> bool:
        """Whether its owner asks for that."""
        return any(request.act == "delete" for request in self.requests)

    @property
    def is_harmless(self) -> bool:
        """Whether no image ends its worker."""
        return "killer" not in self.images


def original_of(upload: str, index: int) -> bytes:
    """The bytes that a client sends for an image; `upload` is the batch's name, another for each time it is sent."""
    return SIGNATURE + f"{upload}/{index}".encode()


def upload_of(original: bytes) -> tuple[str, int]:
    """The upload's name and the image's index."""
    upload, _, index = original.removeprefix(SIGNATURE).decode().partition("/")
    return upload, int(index)


def plan_of(upload: str) -> str:
    """The name of the planned batch that is being sent."""
    return upload.partition("#")[0]


def _threshold(rng: random.Random) -> FailureThreshold:
    return FailureThreshold(percent=rng.choice((1, 30, 50, 100)), sample=rng.randint(1, 4))


def _request(rng: random.Random, acts: Sequence[Act], at: float, horizon: float) -> Request:
    return Request(at + rng.random() * horizon, rng.choice(acts), rng.choice((1, 1, 1, 2)))


def _priority_changes(at: float) -> Sequence[Request]:
    """Half of all owners change the priority of their batch once, early as a rule."""
    # A source of its own, so that the seeds that catch broken handlers stay as noted.
    rng = random.Random(f"priority {at}")
    if rng.random() < 0.5:
        return []
    return [Request(at + rng.random() ** 2 * 20, "prioritize", rng.choice((1, 2)), priority=rng.choice(PRIORITIES))]


def _in_time(requests: Sequence[Request]) -> tuple[Request, ...]:
    return tuple(sorted(requests, key=lambda request: request.at))
