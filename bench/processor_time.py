"""Processor time by role, read from /proc: which process spent how much while a contender was measured."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
OTHERS = "everything else"
BENCH = "bench"

Seconds = dict[str, float]


@dataclass(frozen=True)
class ProcessRow:
    """One process: its parent's id, its command's name and the processor seconds it has used."""

    parent: int
    command: str
    seconds: float


def parse_process(text: str) -> ProcessRow:
    """The content of /proc/<pid>/stat; the command's name stands in parentheses and may contain some."""
    before, _, after = text.rpartition(")")
    fields = after.split()
    ticks = int(fields[11]) + int(fields[12])  # user and system time of all threads, see proc(5)
    return ProcessRow(int(fields[1]), before.partition("(")[2], ticks / os.sysconf("SC_CLK_TCK"))


def parse_busy_seconds(text: str) -> float:
    """The first line of /proc/stat: processor time of the whole machine, other than idle and waiting for disks."""
    user, nice, system, _idle, _iowait, interrupts, soft_interrupts, steal = map(int, text.split()[1:9])
    busy = user + nice + system + interrupts + soft_interrupts + steal
    return busy / os.sysconf("SC_CLK_TCK")


def process_table() -> dict[int, ProcessRow]:
    """Every process of this machine by its id; empty where there is no /proc."""
    return dict(_rows())


def _rows() -> Iterator[tuple[int, ProcessRow]]:
    for path in PROC.glob("[0-9]*/stat"):
        try:
            yield int(path.parent.name), parse_process(path.read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile


def processes_named(names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The ids of all processes with these commands."""
    table = process_table()
    return {name: tuple(pid for pid, row in table.items() if row.command == name) for name in names}


class ProcessorMeter:
    """Processor seconds spent since a moment, by role; descendants of a role's processes are its children.

    This process has the role `bench`: polling, and publishing the Celery design's chunks.
    """

    def __init__(self, roles: Mapping[str, Sequence[int]]) -> None:
        self._roles = roles
        self._before = self._read()

    def spent(self) -> Seconds:
        """Seconds by role since this meter was made; what no role accounts for is `everything else`."""
        now = self._read()
        return {role: round(seconds - self._before.get(role, 0.0), 3) for role, seconds in now.items()}

    def _read(self) -> Seconds:
        table = process_table()
        seconds: Seconds = {BENCH: time.process_time()}
        for role, pids in self._roles.items():
            seconds[role] = sum(table[pid].seconds for pid in pids if pid in table)
            children = _descendants(table, pids)
            if children:
                seconds[f"{role} children"] = sum(table[pid].seconds for pid in children)
        if table:
            busy = parse_busy_seconds((PROC / "stat").read_text().splitlines()[0])
            seconds[OTHERS] = busy - sum(seconds.values())
        return seconds


def _descendants(table: Mapping[int, ProcessRow], pids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    newest = set(pids)
    while newest:
        newest = {pid for pid, row in table.items() if row.parent in newest} - found - set(pids)
        found |= newest
    return found
