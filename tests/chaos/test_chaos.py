import asyncio
from pathlib import Path

from tests.chaos.run import Options, described, run_chaos
from tests.chaos.schedule import draw_schedule
from tests.conftest import do_without
from tests.servers import ServerUnavailable, own_servers

SEED = 240
SECONDS = 14.0
"""Of faults, nine of them with this seed; `make chaos` makes them for as long as one likes."""


def test_a_short_run_of_chaos_keeps_every_promise(tmp_path: Path) -> None:
    """Real servers and processes are killed and held up while clients upload, cancel, pause, retry and delete."""
    lines: list[str] = []
    try:
        with own_servers() as servers:
            report = asyncio.run(run_chaos(Options(SEED, SECONDS, deadly_share=0.0), tmp_path, servers, lines.append))
    except ServerUnavailable as unavailable:
        do_without(unavailable)
    assert not report.findings, "\n".join([*lines, described(report)])
    assert report.verdict.acknowledged > 0
    assert (report.verdict.lost, report.verdict.duplicated) == (0, 0)


def test_a_seed_gives_the_same_faults_each_time() -> None:
    """A run that found something can be had again."""
    assert draw_schedule(SEED, 300) == draw_schedule(SEED, 300)
    assert draw_schedule(SEED, 300) != draw_schedule(SEED + 1, 300)


def test_a_run_of_some_minutes_holds_every_kind_of_fault() -> None:
    """The deck is dealt whole before it is shuffled again."""
    kinds = {fault.kind for fault in draw_schedule(SEED, 240)}
    assert kinds >= {"crash at point", "kill -9", "SIGSTOP", "black hole", "broker kill -9", "MongoDB kill -9"}
