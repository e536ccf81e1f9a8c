"""Whether the simulation calls what the breakages replace: wiring that uses another name would disarm them unseen."""

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch


@contextmanager
def uncalled(targets: Iterable[str]) -> Iterator[set[str]]:
    """Those of the functions, classes and properties that have not been called yet while the context lasts.

    Raises AttributeError for a name that is not there. Of a constant no more than that can be seen.
    """
    left: set[str] = set()
    with ExitStack() as stack:
        for target in targets:
            original = pkgutil.resolve_name(target)
            if callable(original) or isinstance(original, property):
                left.add(target)
                stack.enter_context(patch(target, _noting(original, partial(left.discard, target))))
        yield left


def _noting(original: Any, note: Callable[[], None]) -> Any:
    if isinstance(original, property):
        return property(_noting(original.fget, note))

    def noting(*args: Any, **kwargs: Any) -> Any:
        note()
        return original(*args, **kwargs)

    return noting
