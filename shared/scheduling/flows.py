"""What shares the capacity: flows, and the weights of the lanes that they are in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from shared.documents.document import Priority

LANE_WEIGHTS: Mapping[Priority, int] = MappingProxyType({"high": 4, "normal": 2, "low": 1})
"""How much each lane gets while all of them have work waiting: low gets 1/7, and never less."""


class Flow(NamedTuple):
    """The work of one batch, in the lane of its priority and under its owner."""

    priority: Priority
    owner: str
    batch_id: str
