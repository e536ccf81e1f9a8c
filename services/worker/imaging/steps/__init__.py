"""A recipe's steps on pixels: the module of a built-in step has the step's name, its `op`."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from services.worker.imaging.steps import custom_step
from services.worker.imaging.steps.operation import Context, Cut, Operation
from shared.recipes.step import Step
from shared.recipes.steps import BUILT_IN_NAMES

__all__ = ["Context", "Cut", "Operation", "operation_of"]

# By name, so that a new step is its model and its module, and stands in one list: the union of models.
_OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {name: import_module(f"{__name__}.{name}").OPERATION for name in BUILT_IN_NAMES}
)


def operation_of(step: Step) -> Operation:
    """Give what a step does."""
    return _OPERATIONS.get(step.op, custom_step.OPERATION)
