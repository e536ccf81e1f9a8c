"""Combinations of a test's parameters, of which `make test` runs as many as each value needs to come once."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest


def each_once(*parameters: Sequence[object]) -> list[Any]:
    """Every combination of the values; those are exhaustive that only put together what others hold already."""
    longest = max(map(len, parameters))
    own = {tuple(values[place % len(values)] for values in parameters) for place in range(longest)}
    return [
        pytest.param(*chosen, marks=() if chosen in own else pytest.mark.exhaustive) for chosen in product(*parameters)
    ]
