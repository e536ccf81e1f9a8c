"""What the harness tells service processes to do to themselves, through files that outlive every kill -9.

A folder shared by all: `<service>.json` holds that service's armed crashes, `duplicates` the share of messages to be
published twice, `taken/<id>` the process that carried an order out, `passed/<process id>` the crash points that a
process went through.
"""

import contextlib
import json
import os
import random
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from tests.chaos.points import SERVICES, CrashPoint

DUPLICATES = "duplicates"


class Orders:
    """The harness's side: arms and withdraws, and reads what was done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._armed: dict[str, dict[str, tuple[str, int]]] = {service: {} for service in SERVICES}
        for name in ("taken", "passed"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.duplicate(0.0)

    def arm(self, number: int, point: CrashPoint, times: int) -> None:
        """Have the first process of the service that passes the point for the n-th time kill itself there."""
        self._armed[point.service][str(number)] = (f"{point.call} {point.side}", times)
        self._write(point.service)

    def withdraw(self, number: int, point: CrashPoint) -> None:
        """Forget an order, carried out or not."""
        self._armed[point.service].pop(str(number), None)
        self._write(point.service)

    def was_taken(self, number: int) -> bool:
        """Whether a process carried the order out."""
        return (self.folder / "taken" / str(number)).exists()

    def duplicate(self, share: float) -> None:
        """Have so many of all messages published twice."""
        _replace(self.folder / DUPLICATES, str(share))

    def killed_itself(self, process_id: int) -> bool:
        """Whether a process ended by an order, or by an image made for it; asked once for each life."""
        found = [path for path in (self.folder / "taken").iterdir() if path.read_text() == str(process_id)]
        for path in found:
            path.write_text("seen")  # process ids come back
        return bool(found)

    def passed(self) -> set[str]:
        """The names of all crash points that any process went through."""
        return {line for path in (self.folder / "passed").iterdir() for line in path.read_text().splitlines()}

    def _write(self, service: str) -> None:
        _replace(self.folder / f"{service}.json", json.dumps(self._armed[service]))


class Obedience:
    """The process's side: asked at each crash point, it may not come back."""

    def __init__(self, service: str, folder: Path) -> None:
        self._service = service
        self._folder = folder
        self._seen: dict[str, tuple[int, str]] = {}
        self._counts: dict[str, int] = {}
        self._passed: set[str] = set()
        self._log = (folder / "passed" / str(os.getpid())).open("a", encoding="utf-8")

    def pass_by(self, point: str) -> None:
        """Note that the process is at this point, and die here if that was ordered."""
        if point not in self._passed:
            self._passed.add(point)
            self._log.write(f"{self._service} {point}\n")
            self._log.flush()
        armed: Mapping[str, tuple[str, int]] = json.loads(self._read(f"{self._service}.json") or "{}")
        for number, (ordered, times) in armed.items():
            if ordered == point:
                self._counts[number] = self._counts.get(number, 0) + 1
                if self._counts[number] >= times:
                    self._die_for(number)

    def publishes_twice(self) -> bool:
        """Whether the message at hand is one of those to be published twice."""
        return random.random() < float(self._read(DUPLICATES) or 0)

    def die(self, cause: str) -> NoReturn:
        """Kill this process as kill -9 does, leaving word that it was on purpose."""
        (self._folder / "taken" / f"{cause}-{os.getpid()}").write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    def _die_for(self, number: str) -> None:
        # Whoever makes the file carries the order out; all others live.
        with contextlib.suppress(FileExistsError), (self._folder / "taken" / number).open("x") as taken:
            taken.write(str(os.getpid()))
            taken.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    def _read(self, name: str) -> str:
        """A file's text, read again only when it was replaced."""
        try:
            changed = (self._folder / name).stat().st_mtime_ns
        except FileNotFoundError:
            return ""
        if self._seen.get(name, (0, ""))[0] != changed:
            self._seen[name] = (changed, (self._folder / name).read_text())
        return self._seen[name][1]


def _replace(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
