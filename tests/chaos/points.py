"""Every crash point by name: `<port>.<method> before` and `after`, for each call of a port that a service makes.

They are found in the services' source, so a call that is added tomorrow is a crash point tomorrow. Receivers are named
after their ports throughout (`self._chunks.claim`), which is what makes them findable.
"""

import ast
import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import get_type_hints

from shared.ports import Delivery, Ports, Subscription

ROOT = Path(__file__).parents[2]
SERVICES = ("gateway", "chunker", "worker", "tracker")
CONSUMING = ROOT / "shared" / "consuming.py"
UNWRAPPED = {"subscriber.subscribe", "subscriber.subscribe_progress", "objects.listed"}
"""What is no single call: the subscriptions are wrapped by what they give."""


@dataclasses.dataclass(frozen=True, order=True)
class CrashPoint:
    """A place in a service where a process can be killed."""

    service: str
    call: str
    side: str

    def __str__(self) -> str:
        return f"{self.service} {self.call} {self.side}"


@cache
def port_methods() -> Mapping[str, frozenset[str]]:
    """The methods of each port, by the name that the port has in `Ports`; deliveries and subscriptions as well."""
    ports = {**get_type_hints(Ports), "delivery": Delivery, "subscription": Subscription}
    return {name: frozenset(_methods(protocol)) for name, protocol in ports.items()}


@cache
def crash_points() -> tuple[CrashPoint, ...]:
    """Every crash point of every service, in a fixed order."""
    return tuple(
        CrashPoint(service, call, side)
        for service in SERVICES
        for call in sorted(set(_calls(service)) - UNWRAPPED)
        for side in ("before", "after")
    )


def _methods(protocol: type) -> Iterator[str]:
    for base in protocol.__mro__:
        yield from (name for name, value in vars(base).items() if callable(value) and not name.startswith("_"))


def _calls(service: str) -> Iterator[str]:
    files = list((ROOT / "services" / service).rglob("*.py"))
    # The gateway takes its hints by itself; the others consume through the shared loops.
    for file in files if service == "gateway" else [*files, CONSUMING]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in port_methods().get(_receiver(node.value), ()):
                yield f"{_receiver(node.value)}.{node.attr}"


def _receiver(node: ast.expr) -> str:
    """The last name before the dot, as in `self._chunks.claim`."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.removeprefix("_")
