import subprocess
import sys
from functools import cache

import pytest

from tests.simulation.broken import BROKEN, Breakage, catching_seed
from tests.simulation.broken.calls import uncalled
from tests.simulation.run import Report, simulate

SEEDS = 200
FAULTS = (
    "error before",
    "error after",
    "crash before",
    "crash after",
    "stalls",
    "loses",
    "duplicates",
    "delays",
    "is killed",
    "is told to stop",
    "trouble: wipe",
    "trouble: cut",
    "trouble: blackout",
)


@cache
def report(seed: int) -> Report:
    """How a seed went."""
    return simulate(seed)


@pytest.mark.parametrize(
    "seeds",
    [range(SEEDS // 2), pytest.param(range(SEEDS // 2, SEEDS), marks=pytest.mark.exhaustive)],
    ids=["first half", "second half"],
)
def test_every_seed_keeps_every_promise(seeds: range) -> None:
    """Whatever goes wrong, every batch ends with the right outcome for each image; replay with --seed."""
    assert {seed: report(seed).breaches for seed in seeds if report(seed).breaches} == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_kind_of_fault_happens(fault: str) -> None:
    """The seeds would prove little if something never went wrong."""
    assert any(fault in line for seed in range(SEEDS) for line in report(seed).trace)


@pytest.mark.parametrize("breakage", BROKEN)
def test_a_broken_handler_is_caught(breakage: str) -> None:
    """The simulation notices each way to be broken that it is there for."""
    assert catching_seed(breakage) is not None


def test_what_is_broken_is_called_while_the_simulation_runs() -> None:
    """A breakage of a name that nothing uses any more would break nothing, which shows only after a thousand seeds."""
    with uncalled(breakage.target for breakage in BROKEN.values()) as left:
        for seed in range(SEEDS):
            simulate(seed)
            if not left:
                break
    assert left == set()


def test_a_broken_handler_that_only_crashes_is_not_caught() -> None:
    """One that does not fit in any more would seem to be noticed for what it is there for."""

    def misfit() -> None:
        """Take none of the arguments."""

    assert simulate(0).breaches == ()
    assert not Breakage("shared.documents.Batch.released", misfit).is_caught(0)
    assert not Breakage("services.tracker.service.Endings", misfit).is_caught(0)


def test_a_seed_replays_exactly_in_another_process_with_other_hashes() -> None:
    """A failing seed can be looked at again, anywhere; here one to which much happens."""
    longest = max(map(report, range(10)), key=lambda each: len(each.trace))
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(longest.seed)]
    replays = [
        subprocess.run(command, env={"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True).stdout
        for hash_seed in ("1", "2")
    ]
    assert replays[0] == replays[1]
    assert replays[0].splitlines()[:-1] == list(longest.trace)
    assert longest.digest in replays[0]
