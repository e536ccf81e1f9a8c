"""The rounds: every contender in turn, round after round, so that all are measured in the same minutes."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bench.bare_pool import run_bare_pool
from bench.celery_run import run_celery
from bench.comparison import Run
from bench.contender import Contender, Surroundings
from bench.darkroom_run import run_darkroom
from bench.workloads import Workload, WorkloadName

CONTENDERS: Mapping[WorkloadName, Mapping[str, Contender]] = {
    "photographs": {
        "bare pool": run_bare_pool,
        "darkroom": run_darkroom,
        "celery": partial(run_celery, count_after="image"),
    },
    "no-op": {
        "darkroom": run_darkroom,
        "celery": partial(run_celery, count_after="image"),
        "celery, counting per chunk": partial(run_celery, count_after="chunk"),
    },
}


def run_rounds(
    workloads: Sequence[Workload],
    rounds: int,
    wanted: Sequence[str],
    surroundings: Surroundings,
    tell: Callable[[Run], None],
) -> list[Run]:
    """Every run in the order in which they ran; `tell` is called after each. `wanted` contenders, or all if empty."""
    runs = []
    for number in range(rounds):
        for workload in workloads:
            for name, contender in CONTENDERS[workload.name].items():
                if wanted and name not in wanted:
                    continue
                runs.append(_run(workload, name, contender, number, surroundings))
                tell(runs[-1])
    return runs


def _run(workload: Workload, name: str, contender: Contender, number: int, surroundings: Surroundings) -> Run:
    # The folder of a run that failed stays, logs included, until the contender runs again.
    folder = surroundings.folder / f"{workload.name} {name}".replace(",", "").replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    measured = contender(workload, replace(surroundings, folder=folder))
    shutil.rmtree(folder)
    return Run(workload.name, name, number, len(workload.originals), measured)
