"""When batches will have ended that share the slots fairly: for those that have no pace of their own yet."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Waiting(NamedTuple):
    """A batch with what is left of it in milliseconds of processor time, and its lane's weight."""

    batch_id: str
    weight: float
    remaining_ms: float


@dataclass
class _Lane:
    """Batches that share equally, the largest first; each has been given `served_ms` so far."""

    left: list[tuple[float, str]] = field(default_factory=list)
    served_ms: float = 0.0

    def until_next_end(self, milliseconds_per_second: float) -> float:
        """Seconds until the smallest has ended, if the lane is served at that rate."""
        return max(self.left[-1][0] - self.served_ms, 0.0) * len(self.left) / milliseconds_per_second


def seconds_to_end(batches: Iterable[Waiting], milliseconds_per_second: float) -> dict[str, float]:
    """Seconds until each batch has ended, when lanes are served by their weights and the batches of a lane equally.

    Whoever ends leaves its share to the others. Empty if nothing is served.
    """
    lanes: defaultdict[float, _Lane] = defaultdict(_Lane)
    for batch in sorted(batches, key=lambda batch: batch.remaining_ms, reverse=True):
        lanes[batch.weight].left.append((batch.remaining_ms, batch.batch_id))
    found: dict[str, float] = {}
    elapsed = 0.0
    while lanes and milliseconds_per_second > 0:
        unit = milliseconds_per_second / sum(lanes)
        seconds, weight = min((lane.until_next_end(unit * weight), weight) for weight, lane in lanes.items())
        elapsed += seconds
        for of, lane in lanes.items():
            lane.served_ms += seconds * unit * of / len(lane.left)
        _, batch_id = lanes[weight].left.pop()
        found[batch_id] = elapsed
        if not lanes[weight].left:
            del lanes[weight]
    return found
