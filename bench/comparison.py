"""Many runs to few figures: medians, spreads and the ratios that the project has promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.contender import Measured
from bench.processor_time import OTHERS
from bench.workloads import WorkloadName

QUIET_SHARE = 0.15
"""Other work's part of the processor time up to which rates are judged; the kernel's own work stays below."""


@dataclass(frozen=True)
class Run:
    """One contender's run in one round; contenders of the same round ran in the same minute."""

    workload: WorkloadName
    contender: str
    round: int
    images: int
    measured: Measured

    @property
    def images_per_second(self) -> float:
        """The rate over the whole run."""
        return self.images / self.measured.seconds


@dataclass(frozen=True)
class Ratio:
    """One contender's rate as a multiple of another's, and what it should at least be."""

    workload: WorkloadName
    contender: str
    against: str
    goal: float | None = None


RATIOS = (
    Ratio("photographs", "darkroom", "bare pool", 0.85),
    Ratio("photographs", "darkroom", "celery"),
    Ratio("no-op", "darkroom", "celery", 2.0),
    Ratio("no-op", "darkroom", "celery, counting per chunk"),
)


def rates(runs: Sequence[Run], workload: WorkloadName, contender: str) -> list[float]:
    """Images per second in each round, in the order of the rounds."""
    return [run.images_per_second for run in _of(runs, workload, contender)]


def ratio_per_round(runs: Sequence[Run], ratio: Ratio) -> list[float]:
    """The ratio within each round: what else the machine did then weighed on both. Empty unless both ran."""
    rates_against = {run.round: run.images_per_second for run in _of(runs, ratio.workload, ratio.against)}
    both = [run for run in _of(runs, ratio.workload, ratio.contender) if run.round in rates_against]
    return [run.images_per_second / rates_against[run.round] for run in both]


def processor_ms_per_image(runs: Sequence[Run], workload: WorkloadName, contender: str) -> dict[str, float]:
    """Median processor milliseconds per image by role."""
    chosen = _of(runs, workload, contender)
    roles = {role for run in chosen for role in run.measured.processor_seconds}
    return {
        role: median(run.measured.processor_seconds.get(role, 0.0) * 1000 / run.images for run in chosen)
        for role in roles
    }


def processor_ratio(runs: Sequence[Run], ratio: Ratio) -> float | None:
    """The same ratio by the processor time that each spends on an image, servers included; None unless both ran.

    This is what the ratio of rates comes to where nothing waits. Other work on the machine disturbs it less than rates,
    though not never: two busy threads of one core slow each other down.
    """
    own, other = (
        sum(ms for role, ms in processor_ms_per_image(runs, ratio.workload, name).items() if role != OTHERS)
        for name in (ratio.contender, ratio.against)
    )
    return other / own if own and other else None


def describe_other_work(runs: Sequence[Run]) -> str:
    """How much of the processor time went elsewhere, and what that means for the figures."""
    share = share_of_other_work(runs)
    verdict = "" if is_quiet(runs) else "; too much to judge rates by, and processor times may be a tenth off"
    return f"{share:.0%} of the processor time{verdict}"


def is_quiet(runs: Sequence[Run]) -> bool:
    """Whether the machine was left to the contenders, so that rates can be held against goals."""
    return share_of_other_work(runs) <= QUIET_SHARE


def share_of_other_work(runs: Sequence[Run]) -> float:
    """The part of all processor time, from 0 to 1, that went to what is no part of any contender or server."""
    spent = [run.measured.processor_seconds for run in runs]
    total = sum(sum(by_role.values()) for by_role in spent)
    return sum(by_role.get(OTHERS, 0.0) for by_role in spent) / total if total else 0.0


def contenders_of(runs: Sequence[Run], workload: WorkloadName) -> list[str]:
    """Who ran, in the order of their first runs."""
    return list(dict.fromkeys(run.contender for run in runs if run.workload == workload))


def _of(runs: Sequence[Run], workload: WorkloadName, contender: str) -> list[Run]:
    return [run for run in runs if (run.workload, run.contender) == (workload, contender)]
