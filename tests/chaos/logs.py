"""What the processes' own logs say that nobody expected: errors that are none of the trouble that was made."""

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

EXPECTED_EXCEPTIONS = (
    "shared.errors.DocumentsUnavailableError",
    "shared.errors.BrokerUnavailableError",
    "shared.errors.StorageUnavailableError",
    "tests.chaos.orders.OrderedFailureError",
)
"""What services raise, and may log with a traceback, while a server is away or a call was ordered to fail."""

MAX_SHOWN = 10


def unexpected_lines(log_files: Sequence[Path]) -> Sequence[str]:
    """Each kind of unexpected traceback once, with how often it came and in which log first."""
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for file in log_files:
        for what in _unexpected_in(file.read_text(encoding="utf-8", errors="replace").splitlines()):
            counts[what] += 1
            first.setdefault(what, file.name)
    return [f"{count} x in {first[what]} and others: {what}" for what, count in counts.most_common(MAX_SHOWN)]


def _unexpected_in(lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if line.startswith("Traceback"):
            # Not even logged: what ended a process, or an interpreter's last words.
            rest = next((later for later in lines[number + 1 :] if later and not later[0].isspace()), "")
            yield f"a bare traceback ending in: {rest[:200]}"
    for entry in log_entries(lines):
        yield from _unexpected_entry(entry)


def log_entries(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """What services have logged, without the lines that were cut short by a kill, and those of others."""
    for line in lines:
        if line.startswith("{"):
            with contextlib.suppress(ValueError):
                yield json.loads(line)


def _unexpected_entry(entry: Mapping[str, Any]) -> Iterator[str]:
    exception = str(entry.get("exception", ""))
    unexpected = [last for last in _last_lines(exception) if not last.startswith(EXPECTED_EXCEPTIONS)]
    if unexpected:
        yield f"{entry.get('event')}: {unexpected[0][:200]}"
    elif entry.get("level") == "critical" and not exception and entry.get("event") != "service_failed":
        yield f"{entry.get('event')}: {str(entry)[:200]}"


def _last_lines(exception: str) -> Iterator[str]:
    """Which exception it is; of a group, each of its own."""
    lines = [line.lstrip(" |") for line in exception.splitlines()]
    if not any(line.startswith("+-") for line in lines):
        yield from lines[-1:]
        return
    for line, following in pairwise(lines):
        # A line of dashes ends the exception before it, unless that is the group that it begins.
        if following.startswith("+-") and not line.startswith(("+-", "ExceptionGroup:")):
            yield line
