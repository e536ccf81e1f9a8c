"""Whose turn it is: capacity shared out over lanes, owners and batches by what their work costs."""

from shared.scheduling.costs import MAX_COST_MS, MIN_COST_MS
from shared.scheduling.fair_queue import FairQueue
from shared.scheduling.flows import LANE_WEIGHTS, Flow

__all__ = ["LANE_WEIGHTS", "MAX_COST_MS", "MIN_COST_MS", "FairQueue", "Flow"]
