"""Which faults come when: a pure function of the seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeVar

from tests.chaos.points import CrashPoint, crash_points
from tests.chaos.proxy import BOTH, Direction

Kind = Literal[
    "crash at point",
    "freeze at point",
    "failing call",
    "kill -9",
    "SIGSTOP",
    "SIGTERM",
    "cut",
    "black hole",
    "delay",
    "duplicates",
    "garbage",
    "store away",
    "store empty",
    "broker restart",
    "broker kill -9",
    "MongoDB kill -9",
    "memory alarm",
    "close connections",
]

DECK: dict[Kind, int] = {
    "crash at point": 20,
    "freeze at point": 6,
    "failing call": 5,
    "kill -9": 3,
    "SIGSTOP": 2,
    "SIGTERM": 2,
    "cut": 3,
    "black hole": 3,
    "delay": 2,
    "duplicates": 2,
    "garbage": 1,
    "store away": 1,
    "store empty": 1,
    "broker restart": 1,
    "broker kill -9": 1,
    "MongoDB kill -9": 1,
    "memory alarm": 1,
    "close connections": 1,
}
"""How often each kind comes before the deck is shuffled again."""

SERVER_KINDS: frozenset[Kind] = frozenset(
    {"broker restart", "broker kill -9", "MongoDB kill -9", "memory alarm", "close connections"}
)
"""One of these at a time."""

POINT_KINDS: frozenset[Kind] = frozenset({"crash at point", "freeze at point", "failing call"})
"""Orders to a service. They stand until a process passes their point, or until the end of the run: some are rare."""

SECONDS: dict[Kind, tuple[float, float]] = {
    "freeze at point": (1.0, 16.0),
    "SIGSTOP": (1.0, 16.0),
    "black hole": (1.0, 14.0),
    "delay": (2.0, 8.0),
    "duplicates": (2.0, 6.0),
    "store away": (1.0, 5.0),
    "store empty": (1.0, 5.0),
    "broker restart": (0.0, 2.0),
    "broker kill -9": (0.0, 4.0),
    "MongoDB kill -9": (0.0, 4.0),
    "memory alarm": (2.0, 6.0),
}
"""How long a fault lasts, from and to. Some stops and black holes outlast a worker's lease, so that one that was
thought dead comes back."""

GAPS = (0.4, 2.6)
AFTER_SERVER_SECONDS = 8.0
"""Without another fault, so that the way back to full speed can be seen."""

PLACES: dict[str, tuple[str, ...]] = {
    "gateway": ("gateway-1", "gateway-2"),
    "chunker": ("chunker-1", "chunker-2"),
    "worker": ("worker-1", "worker-2", "worker-3"),
    "tracker": ("tracker-1", "tracker-2"),
}
"""The processes of each service."""

T = TypeVar("T")


@dataclass(frozen=True)
class Fault:
    """One fault, `at` seconds after the beginning. What a kind does not need is left as it was drawn."""

    number: int
    at: float
    kind: Kind
    seconds: float
    place: str
    """A process."""

    server: Literal["rabbitmq", "mongodb", "clients"]
    """To whom the connection leads that is troubled: behind a process's proxies; `clients` are in front of gateways."""

    directions: tuple[Direction, ...]
    point: CrashPoint
    times: int
    is_expected: bool
    """Whether a failing call raises what calls raise when a server is in trouble, and not what nobody knows."""

    def __str__(self) -> str:
        match self.kind:
            case "crash at point":
                return f"{self.kind} {self.point}, time {self.times}"
            case "freeze at point":
                return f"{self.kind} {self.point}, time {self.times}, {self.seconds:.1f} s"
            case "failing call":
                how = "for now" if self.is_expected else "unexpectedly"
                return f"{self.kind} {self.point}, {self.times} times, {how}"
            case "kill -9" | "SIGSTOP" | "SIGTERM":
                return f"{self.kind} {self.place}, {self.seconds:.1f} s"
            case "cut" | "black hole" | "delay":
                way = "there and back" if self.directions == BOTH else self.directions[0]
                return f"{self.kind} {self.place} - {self.server}, {way}, {self.seconds:.1f} s"
            case _:
                return f"{self.kind}, {self.seconds:.1f} s"


def draw_schedule(seed: int, seconds: float, points: Sequence[str] = ("*",)) -> tuple[Fault, ...]:
    """All faults that begin within so many seconds, in their order: the same for the same seed and source.

    `points` are patterns such as `chunker chunks.*`; the points of all orders match one of them.
    """
    return tuple(_drawn(random.Random(f"schedule {seed}"), seconds, points))


def _drawn(rng: random.Random, seconds: float, patterns: Sequence[str]) -> Iterator[Fault]:
    chosen = [point for point in crash_points() if any(fnmatchcase(str(point), pattern) for pattern in patterns)]
    points = {
        "crash at point": _dealt(rng, chosen),
        "freeze at point": _dealt(rng, [point for point in chosen if point.writes]),
        "failing call": _dealt(rng, [point for point in chosen if point.may_fail]),
    }
    kinds = _dealt(rng, [kind for kind, count in DECK.items() for _ in range(count)])
    places = [place for each in PLACES.values() for place in each]
    at, number = 0.0, 0
    while (at := at + rng.uniform(*GAPS)) < seconds:
        kind = next(kinds)
        place = rng.choice(places)
        behind: list[Literal["rabbitmq", "mongodb", "clients"]] = ["rabbitmq", "mongodb"]
        point = next(points[kind], None) if kind in points else None
        if kind in points and point is None:
            continue  # none of the chosen ones is of this kind
        yield Fault(
            number=number,
            at=at,
            kind=kind,
            seconds=rng.uniform(*SECONDS.get(kind, (0.0, 0.0))),
            place=place,
            server=rng.choice([*behind, "clients"] if place in PLACES["gateway"] else behind),
            directions=rng.choice([BOTH, ("there",), ("back",)]),
            point=point or crash_points()[0],
            times=rng.choice([1, 1, 2, 5]),
            # A gateway says of what it does not know that it has made a mistake, which clients would have to believe.
            is_expected=rng.random() < 0.5 or (point is not None and point.service == "gateway"),
        )
        number += 1
        if kind in SERVER_KINDS:
            at += AFTER_SERVER_SECONDS


def _dealt(rng: random.Random, cards: Sequence[T]) -> Iterator[T]:
    """Each card as often as the others: all of them in a random order, and then again in another."""
    while cards:
        deck = list(cards)
        rng.shuffle(deck)
        yield from deck
