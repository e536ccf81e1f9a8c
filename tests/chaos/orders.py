"""What the harness tells service processes to do to themselves, through files that outlive every kill -9.

A folder shared by all: `<service>.json` holds that service's orders, `duplicates` the share of messages to be
published twice, `taken/<id>` what was done for an order and by which process, `passed/<process id>` the crash points
that a process went through.
"""

import contextlib
import json
import os
import random
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from shared.errors import BrokerUnavailableError, DocumentsUnavailableError, StorageUnavailableError, TransientError
from tests.chaos.points import SERVICES, CrashPoint

DUPLICATES = "duplicates"

Action = Literal["die", "freeze", "fail for now", "fail"]
"""What a process does at a point: kill -9 itself, SIGSTOP itself, or have calls fail, as one that can be repeated or as
nobody expects."""

TROUBLE: Mapping[str, type[TransientError]] = {
    "objects": StorageUnavailableError,
    "publisher": BrokerUnavailableError,
    "subscriber": BrokerUnavailableError,
    "delivery": BrokerUnavailableError,
}
"""What the calls of a port raise when their server is in trouble; those of the document stores the remaining one."""


class OrderedFailureError(Exception):
    """What nobody expects: no service knows this error."""


@dataclass(frozen=True)
class Order:
    """What the first process of a service has to do that passes the point for the n-th time.

    Of a failing call that is how many calls fail in a row, from the first.
    """

    point: str
    times: int
    action: Action


class Orders:
    """The harness's side: arms and withdraws, and reads what was done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._armed: dict[str, dict[str, Order]] = {service: {} for service in SERVICES}
        for name in ("taken", "passed"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.duplicate(0.0)

    def arm(self, number: int, point: CrashPoint, times: int, action: Action) -> None:
        """Give the service an order, to stand until it is withdrawn."""
        self._armed[point.service][str(number)] = Order(f"{point.call} {point.side}", times, action)
        self._write(point.service)

    def withdraw(self, number: int, point: CrashPoint) -> None:
        """Forget an order, carried out or not."""
        self._armed[point.service].pop(str(number), None)
        self._write(point.service)

    def taken_by(self, number: int) -> int | None:
        """The id of the process that carried the order out, or carries it out now."""
        path = self.folder / "taken" / str(number)
        # Empty for a moment, until whoever made it has written who that is.
        words = path.read_text().split() if path.exists() else []
        return int(words[-1]) if words else None

    def duplicate(self, share: float) -> None:
        """Have so many of all messages published twice."""
        _replace(self.folder / DUPLICATES, str(share))

    def killed_itself(self, process_id: int) -> bool:
        """Whether a process ended by an order, or by an image made for it; asked once for each life."""
        found = [path for path in (self.folder / "taken").iterdir() if path.read_text() == f"died {process_id}"]
        for path in found:
            path.write_text(f"seen {process_id}")  # process ids come back
        return bool(found)

    def passed(self) -> set[str]:
        """The names of all crash points that any process went through."""
        return {line for path in (self.folder / "passed").iterdir() for line in path.read_text().splitlines()}

    def _write(self, service: str) -> None:
        _replace(
            self.folder / f"{service}.json",
            json.dumps({number: vars(order) for number, order in self._armed[service].items()}),
        )


class Obedience:
    """The process's side: asked at each crash point, it may not come back."""

    def __init__(self, service: str, folder: Path) -> None:
        self._service = service
        self._folder = folder
        self._seen: dict[str, tuple[int, str]] = {}
        self._orders: tuple[str, Mapping[str, Order]] = ("", {})
        self._counts: dict[str, int] = {}
        self._failing: set[str] = set()
        self._passed: set[str] = set()
        self._log = (folder / "passed" / str(os.getpid())).open("a", encoding="utf-8")

    def pass_by(self, point: str) -> None:
        """Note that the process is at this point, and die, freeze or fail here if that was ordered."""
        if point not in self._passed:
            self._passed.add(point)
            self._log.write(f"{self._service} {point}\n")
            self._log.flush()
        for number, order in self._standing().items():
            if order.point == point:
                self._counts[number] = self._counts.get(number, 0) + 1
                self._obey(number, order)

    def publishes_twice(self) -> bool:
        """Whether the message at hand is one of those to be published twice."""
        return random.random() < float(self._read(DUPLICATES) or 0)

    def die(self, cause: str) -> NoReturn:
        """Kill this process as kill -9 does, leaving word that it was on purpose."""
        (self._folder / "taken" / f"{cause}-{os.getpid()}").write_text(f"died {os.getpid()}")
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    def _obey(self, number: str, order: Order) -> None:
        count = self._counts[number]
        match order.action:
            case "die":
                if count >= order.times and self._takes(number, "died"):
                    os.kill(os.getpid(), signal.SIGKILL)
            case "freeze":
                if count >= order.times and self._takes(number, "frozen"):
                    os.kill(os.getpid(), signal.SIGSTOP)
            case "fail for now" | "fail":
                if number in self._failing or self._takes(number, "failing"):
                    self._failing.add(number)
                    if count <= order.times:
                        raise self._failure(order)

    def _takes(self, number: str, word: str) -> bool:
        """Whoever makes the file carries the order out; all others live."""
        with contextlib.suppress(FileExistsError), (self._folder / "taken" / number).open("x") as taken:
            taken.write(f"{word} {os.getpid()}")
            return True
        return False

    def _failure(self, order: Order) -> Exception:
        what = f"ordered at {self._service} {order.point}"
        if order.action == "fail":
            return OrderedFailureError(what)
        return TROUBLE.get(order.point.partition(".")[0], DocumentsUnavailableError)(what)

    def _standing(self) -> Mapping[str, Order]:
        text = self._read(f"{self._service}.json") or "{}"
        if text != self._orders[0]:
            self._orders = (text, {number: Order(**order) for number, order in json.loads(text).items()})
        return self._orders[1]

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
