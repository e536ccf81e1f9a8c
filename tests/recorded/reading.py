"""Comparing what is written now with what was recorded once."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any


def holds(now: Any, recorded: Any, where: str = "") -> list[str]:
    """Where `now` lacks something recorded, or says something else; what it has besides is no difference."""
    if isinstance(now, Mapping) and isinstance(recorded, Mapping):
        return [d for key in recorded for d in holds(now.get(key, "nothing"), recorded[key], f"{where}.{key}")]
    if isinstance(now, list) and isinstance(recorded, list):
        pairs = enumerate(zip_longest(now, recorded, fillvalue="nothing"))
        return [d for number, (a, b) in pairs for d in holds(a, b, f"{where}[{number}]")]
    return [] if now == recorded else [f"{where}: {now!r} instead of {recorded!r}"]
