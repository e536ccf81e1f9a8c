"""Chunks that take up what workers can do at present."""

from typing import NamedTuple


class HeldChunks(NamedTuple):
    """Unsettled chunks of one batch that wait for a worker, or that one holder has in hand.

    `cost_ms` is what all of them were predicted to cost, in milliseconds of processor time; `holder` is None while
    they wait.
    """

    batch_id: str
    holder: str | None
    chunks: int
    cost_ms: int
