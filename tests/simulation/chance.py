"""What goes wrong in one simulated run, drawn from its seed, and the trace of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

Fault = Literal["error before", "error after", "crash before", "crash after"]
Server = Literal["broker", "documents", "objects"]
EventKind = Literal["wipe", "cut", "crash", "stop", "blackout", "freeze"]

CALM_SHARE = 0.15
"""Some plans have no faults at all: what only trouble excuses must not happen in them."""

NO_LATENCY_SHARE = 0.4

SORE_SPOTS = (
    *("", "", "", "", ""),
    *(
        "totals",
        "totals",
        "change",
        "get",
        "fold",
        "publish",
        "claim",
        "renew",
        "release_claim",
        "expire_claim",
        "suspect",
    ),
    *("add", "extend", "ack", "put", "remove", "unsettled", "unclaimed_of"),
)
"""In most plans calls whose names begin so stall again and again: that is how races between two calls show."""

AIMED = {3: "totals", 5: "totals", 7: "add"}
"""The sore spot of some seeds, by their rest by eight: batches are stopped while results or chunks are recorded."""

SORE_SPOT_STALL_SHARE = 0.4

SERVERS: tuple[Server, ...] = ("broker", "documents", "objects")


def is_aimed(seed: int) -> bool:
    """Whether the races between a stop and what is under way are sought with this seed; chance seldom meets them."""
    return seed % 8 in AIMED


@dataclass(frozen=True)
class Outage:
    """A time in which every call to a server fails. Both ends in seconds."""

    server: Server
    begins_at: float
    ends_at: float


@dataclass(frozen=True)
class Event:
    """Something that happens once at a moment, in seconds: see `_Run._trouble` in run.py."""

    at: float
    kind: EventKind


@dataclass(frozen=True)
class FaultPlan:
    """How bad this run is. Rates are per call or message; after `ends_at` (seconds) nothing goes wrong any more."""

    ends_at: float
    error_rate: float
    crash_rate: float
    drop_rate: float
    duplicate_rate: float
    delay_rate: float
    slowest_seconds: float
    sore_spot: str
    stall_rate: float
    longest_stall_seconds: float
    outages: tuple[Outage, ...]
    events: tuple[Event, ...]

    @property
    def is_calm(self) -> bool:
        """Whether nothing goes wrong in this run but what is wrong with the images."""
        rates = (
            self.error_rate,
            self.crash_rate,
            self.drop_rate,
            self.duplicate_rate,
            self.delay_rate,
            self.stall_rate,
        )
        return not (any(rates) or self.sore_spot or self.outages or self.events)

    @classmethod
    def drawn(cls, rng: random.Random) -> "FaultPlan":
        """Draw a plan; each kind of fault is left out of about half of all plans, so that others get their turn."""
        calm = rng.random() < CALM_SHARE

        def rate(highest: float) -> float:
            return 0.0 if calm else rng.choice((0.0, highest * rng.random() ** 2))

        def number(*choices: int) -> range:
            return range(0 if calm else rng.choice(choices))

        ends_at = rng.choice((2.0, 8.0, 20.0, 45.0))
        kinds: tuple[EventKind, ...] = ("wipe", "cut", "crash", "crash", "stop", "blackout", "freeze")
        return cls(
            ends_at=ends_at,
            error_rate=rate(0.3),
            crash_rate=rate(0.05),
            drop_rate=rate(0.3),
            duplicate_rate=rate(0.5),
            delay_rate=rate(0.5),
            slowest_seconds=rng.choice((0.002, 0.002, 0.05, 1.0)),
            sore_spot="" if calm else rng.choice(SORE_SPOTS),
            stall_rate=rate(0.2),
            longest_stall_seconds=rng.choice((1.0, 1.0, 5.0, 40.0)),
            outages=tuple(_outage(rng, ends_at) for _ in number(0, 0, 1, 2)),
            events=tuple(Event(rng.uniform(0, ends_at), rng.choice(kinds)) for _ in number(0, 1, 3, 6)),
        )

    def aimed(self, sore_spot: str, until: float) -> "FaultPlan":
        """This plan with that sore spot, and with trouble until then; a calm one stays calm."""
        return self if self.is_calm else replace(self, sore_spot=sore_spot, ends_at=max(self.ends_at, until))


def _outage(rng: random.Random, ends_at: float) -> Outage:
    begins_at = rng.uniform(0, ends_at)
    return Outage(rng.choice(SERVERS), begins_at, rng.uniform(begins_at, ends_at))


class Chance:
    """Decides at every call what goes wrong, and writes it down."""

    def __init__(self, rng: random.Random, plan: FaultPlan, now: Callable[[], float]) -> None:
        self.rng = rng
        self.plan = plan
        self.trace: list[str] = []
        self.calls = 0
        self.now = now
        self._over = False

    @property
    def active(self) -> bool:
        """Whether things may still go wrong."""
        return not self._over and self.now() < self.plan.ends_at

    def stop(self) -> None:
        """Let nothing go wrong any more."""
        self._over = True

    def note(self, what: str) -> None:
        """Add a line to the trace."""
        self.trace.append(f"{self.now():9.3f} {what}")

    def latency_seconds(self, who: str, what: str) -> float:
        """How long one way to a server takes; now and then so long as if the process had been suspended."""
        if not self.active or self.rng.random() < NO_LATENCY_SHARE:
            return 0.0
        sore = self.plan.sore_spot and what.startswith(self.plan.sore_spot)
        if self.rng.random() < (SORE_SPOT_STALL_SHARE if sore else self.plan.stall_rate):
            seconds = self.rng.random() * self.plan.longest_stall_seconds
            self.note(f"{who}: stalls for {seconds:.3f} s at {what}")
            return seconds
        return self.rng.random() * self.plan.slowest_seconds

    def pause_seconds(self, longest: float) -> float:
        """A while."""
        return self.rng.random() * longest

    def fault(self, who: str, server: Server, what: str) -> Fault | None:
        """What goes wrong with a call."""
        self.calls += 1
        if not self.active:
            return None
        fault = self._fault(server)
        if fault:
            self.note(f"{who}: {fault} {what}")
        return fault

    def is_away(self, server: Server) -> bool:
        """Whether a server is away now."""
        return any(o.server == server and o.begins_at <= self.now() < o.ends_at for o in self.plan.outages)

    def away_seconds(self, server: Server, since: float) -> float:
        """For how long a server was away since a moment, at most: outages may overlap."""
        outages = [o for o in self.plan.outages if o.server == server]
        return sum(max(0.0, min(o.ends_at, self.now()) - max(o.begins_at, since)) for o in outages)

    def _fault(self, server: Server) -> Fault | None:
        if self.is_away(server):
            return "error before"
        roll = self.rng.random()
        if roll < self.plan.error_rate:
            return self.rng.choice(("error before", "error after"))
        if roll < self.plan.error_rate + self.plan.crash_rate:
            return self.rng.choice(("crash before", "crash after"))
        return None

    def copies(self, what: str) -> list[float]:
        """After how many seconds each copy of a confirmed message arrives: none if it is lost."""
        if not self.active:
            return [0.0]
        arrivals = [self._arrival(what)]
        if self.rng.random() < self.plan.duplicate_rate:
            self.note(f"broker: duplicates {what}")
            arrivals.append(self._arrival(what))
        if self.rng.random() < self.plan.drop_rate:
            self.note(f"broker: loses {what}")
            arrivals.pop()
        return arrivals

    def _arrival(self, what: str) -> float:
        if self.rng.random() >= self.plan.delay_rate:
            return 0.0
        seconds = self.rng.random() ** 2 * 10
        self.note(f"broker: delays {what} by {seconds:.3f} s")
        return seconds
