"""The bare pool: as many processes as cores, each reading, developing and writing; nothing is remembered."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from bench.contender import Measured, Surroundings
from bench.print_folder import develop_into_folder
from bench.processor_time import ProcessorMeter
from bench.workloads import Workload


def run_bare_pool(workload: Workload, surroundings: Surroundings) -> Measured:
    """Develop every photograph; the first failure is raised."""
    # Spawned like the worker's children: a forked copy of this process would bring its memory and threads along.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(surroundings.cores, mp_context=context) as pool:
        _develop_all(pool, workload.warm_up, surroundings.folder / "warm-up")
        processes = [child.pid for child in multiprocessing.active_children() if child.pid]
        meter = ProcessorMeter({"pool children": processes, **surroundings.server_processes})
        started = time.perf_counter()
        _develop_all(pool, workload.originals, surroundings.folder / "prints")
        return Measured(time.perf_counter() - started, meter.spent())


def _develop_all(pool: ProcessPoolExecutor, originals: tuple[Path, ...], prints: Path) -> None:
    for _ in pool.map(partial(_develop, prints), range(len(originals)), originals):
        pass


def _develop(prints: Path, index: int, original: Path) -> None:
    develop_into_folder(original, prints / str(index))
