"""Every crash point by name: `<port>.<method> before` and `after`, for each call of a port that a service makes.

They are found in the services' source, so a call that is added tomorrow is a crash point tomorrow. Receivers are named
after their ports throughout (`self._chunks.claim`), which is what makes them findable. Of the loops that services share
each service has the points of those that it uses.
"""

import ast
import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import get_type_hints

from shared.ports import Delivery, Ports, Subscription

ROOT = Path(__file__).parents[2]
SERVICES = ("gateway", "chunker", "worker", "tracker")
SHARED = ("shared.running.consuming", "shared.running.sweeping")
"""Modules in which ports are called for the services."""

UNWRAPPED = {"subscriber.subscribe", "subscriber.subscribe_progress", "objects.listed", "objects.mark"}
"""What is no single call: the subscriptions are wrapped by what they give. And a new store's mark, which is left once,
before there are any orders."""

WRITING = frozenset(
    {
        "add",
        "change",
        "remove",
        "save",
        "fold",
        "claim",
        "renew",
        "release_claim",
        "suspect",
        "record_work",
        "record_facts",
        "expire_claim",
        "extend",
        "revoke_rest",
        "put",
        "publish",
        "publish_later",
        "ack",
        "ack_through",
    }
)
"""The methods that write."""

NEVER_FAILING = frozenset(
    {
        "delivery.ack",
        "delivery.hand_back",
        "delivery.reject",
        "subscription.next",
        "subscription.ack_through",
        "subscription.stop",
    }
)
"""What is lost with its connection without anybody being told, and comes again."""


@dataclasses.dataclass(frozen=True, order=True)
class CrashPoint:
    """A place in a service where a process can be killed."""

    service: str
    call: str
    side: str

    def __str__(self) -> str:
        return f"{self.service} {self.call} {self.side}"

    @property
    def writes(self) -> bool:
        """Whether others see what the call does, so that it matters how late it is done."""
        return self.call.partition(".")[2] in WRITING

    @property
    def may_fail(self) -> bool:
        """Whether the call is one that raises when a server is in trouble."""
        return self.call not in NEVER_FAILING


@cache
def port_methods() -> Mapping[str, frozenset[str]]:
    """The methods of each port, by the name that the port has in `Ports`; deliveries and subscriptions as well."""
    ports = {**get_type_hints(Ports), "delivery": Delivery, "subscription": Subscription}
    # What a process counts is among the ports without being one: it calls nobody.
    return {name: frozenset(_methods(port)) for name, port in ports.items() if _is_port(port)}


def _is_port(found: type) -> bool:
    return bool(getattr(found, "_is_protocol", False))


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
    trees = [
        ast.parse(file.read_text(encoding="utf-8")) for file in sorted((ROOT / "services" / service).rglob("*.py"))
    ]
    for tree in trees:
        yield from _calls_in(tree)
    for module in SHARED:
        yield from _calls_by_way_of(module, {name for tree in trees for name in _imported(tree, module)})


def _calls_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in port_methods().get(_receiver(node.value), ()):
            yield f"{_receiver(node.value)}.{node.attr}"


def _imported(tree: ast.AST, module: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == module:
            yield from (alias.name for alias in node.names)


def _calls_by_way_of(module: str, entered: Collection[str]) -> Iterator[str]:
    """The calls in a module that can be reached from some of its functions and classes."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    definitions = {
        node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    reached: set[str] = set()
    ahead: Sequence[str] = [name for name in definitions if name in entered]
    while ahead:
        reached.update(ahead)
        named = {node.id for name in ahead for node in ast.walk(definitions[name]) if isinstance(node, ast.Name)}
        ahead = [name for name in definitions if name in named - reached]
    for name in reached:
        yield from _calls_in(definitions[name])


def _receiver(node: ast.expr) -> str:
    """The last name before the dot, as in `self._chunks.claim`."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.removeprefix("_")
