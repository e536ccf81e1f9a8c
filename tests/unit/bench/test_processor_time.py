"""Processor time by role, as /proc tells it."""

import os
import subprocess
import sys

import pytest

from bench.processor_time import (
    OTHERS,
    PROC,
    ProcessorMeter,
    parse_busy_seconds,
    parse_process,
    process_table,
    processes_named,
)

needs_proc = pytest.mark.skipif(not PROC.joinpath("stat").exists(), reason="processor time is read from /proc")


@needs_proc
def test_a_process_is_read_though_its_name_has_blanks_and_parentheses() -> None:
    """As proc(5) warns: the name is what stands between the first and the last parenthesis."""
    ticks = os.sysconf("SC_CLK_TCK")
    row = parse_process(f"42 (a ) (b) S 7 42 42 0 -1 4194304 1 0 0 0 {3 * ticks} {2 * ticks} 9 9 20 0 1 0 100 1 1")

    assert (row.parent, row.command, row.seconds) == (7, "a ) (b", 5.0)


@needs_proc
def test_the_machine_is_not_busy_while_it_is_idle_or_waits_for_disks() -> None:
    """Of the ten columns the fourth and fifth are no work, and guests are in the first already."""
    ticks = os.sysconf("SC_CLK_TCK")
    columns = [str(ticks)] * 10

    assert parse_busy_seconds(f"cpu  {' '.join(columns)}") == 6.0


@needs_proc
def test_this_process_is_in_the_table_with_its_parent() -> None:
    """The table is of the real machine."""
    assert process_table()[os.getpid()].parent == os.getppid()


@needs_proc
def test_work_of_a_child_is_told_apart_from_its_parents() -> None:
    """The meter finds children by itself, also those that started after it was made."""
    meter = ProcessorMeter({"tests": [os.getpid()]})
    # Half a second of processor time, whatever the clock on the wall says.
    spin = "import time\nprint('started', flush=True)\nwhile time.process_time() < 0.5: pass\nprint('spun', flush=True)"
    spin += "\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", spin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert [child.stdout.readline(), child.stdout.readline()] == ["started\n", "spun\n"]
        spent = meter.spent()
        child.communicate("\n")

    assert spent["tests children"] >= 0.4
    assert spent[OTHERS] >= -0.1


@needs_proc
def test_processes_are_found_by_their_commands_name() -> None:
    """A name that nobody has finds nobody."""
    found = processes_named([process_table()[os.getpid()].command, "no such command"])

    assert os.getpid() in next(iter(found.values()))
    assert found["no such command"] == ()
