"""What happens while a batch is developed."""

from collections.abc import Callable, Mapping
from functools import partial
from random import Random

from bench.eta.system import Look, System
from bench.eta.traces import Trace, trace

WATCHED = "watched"

Scenario = Callable[[System, Trace, Look, Random], None]


def _nothing(_at: float, _batch: object) -> None:
    """Look at nothing."""


def _alone(system: System, watched: Trace, look: Look, chance: Random) -> None:
    system.join(chance.choice((2, 3, 4)))
    system.submit(WATCHED, watched, look)


def _four_workers(system: System, watched: Trace, look: Look, _chance: Random) -> None:
    for _ in range(4):
        system.join(2)
    system.submit(WATCHED, watched, look)


def _beside_another(system: System, watched: Trace, look: Look, chance: Random) -> None:
    """A competitor of its size was there first, and ends first."""
    system.join(4)
    system.submit("other", trace("shuffled", chance), _nothing)
    system.at(chance.uniform(1, 20), partial(system.submit, WATCHED, watched, look))


def _workers_come_and_go(system: System, watched: Trace, look: Look, chance: Random) -> None:
    """In the first fifth of the time, so that there is something to go by afterwards."""
    _alone(system, watched, look, chance)
    expected = sum(watched.costs_ms) / 4000
    system.at(0.1 * expected, partial(system.join, 2))
    if chance.random() < 0.5:
        system.at(0.2 * expected, system.leave)


def _paused(system: System, watched: Trace, look: Look, chance: Random) -> None:
    _alone(system, watched, look, chance)
    begin = chance.uniform(0.05, 0.3) * sum(watched.costs_ms) / 4000
    system.at(begin, partial(system.pause, WATCHED))
    system.at(begin + chance.uniform(1, 600), partial(system.resume, WATCHED))


SCENARIOS: Mapping[str, Scenario] = {
    "alone": _alone,
    "four workers": _four_workers,
    "beside another": _beside_another,
    "workers come and go": _workers_come_and_go,
    "paused": _paused,
}
