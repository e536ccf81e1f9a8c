"""What the workers that show life can take: how much work the broker is to hold for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from shared.documents import TAKES_EXPRESS, WorkerRecord


@dataclass(frozen=True)
class Capacity:
    """Slots are image children of all workers together. Before a worker is seen, it is what a small one has.

    So a first worker finds work when it starts.
    """

    slots: int = 2
    processes: int = 1
    takes_express: bool = False
    worker_ids: frozenset[str] = frozenset()

    @classmethod
    def of(cls, workers: Sequence[WorkerRecord]) -> Self:
        """The capacity of these workers. An express chunk would wait at one that does not know of them."""
        if not workers:
            return cls()
        return cls(
            slots=max(sum(worker.slots for worker in workers), 1),
            processes=len(workers),
            takes_express=all(TAKES_EXPRESS in worker.capabilities for worker in workers),
            worker_ids=frozenset(worker.id for worker in workers),
        )

    def shows_life(self, holder: str) -> bool:
        """Whether the worker is seen that holds chunks under this name: its id with a life's mark behind it."""
        return holder.rpartition(".")[0] in self.worker_ids
