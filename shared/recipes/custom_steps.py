"""Custom steps: functions that other packages bring along as entry points of the group `darkroom.steps`."""

import inspect
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from pydantic import ConfigDict, create_model

from shared.recipes.steps import BUILT_IN_NAMES
from shared.recipes.values import Name, RecipePart

GROUP = "darkroom.steps"

_NAME = re.compile(r"[a-z0-9_-]{1,32}")

log = logging.getLogger(__name__)  # of the standard library: image children load this and must stay light


class CustomStep(RecipePart):
    """A step that another package brings along, by its name, with its parameters as they are in the recipe."""

    model_config = ConfigDict(extra="allow")

    op: Name

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What stands in the recipe beside the name."""
        return self.model_extra or {}


@dataclass(frozen=True, slots=True)
class CustomStepFunction:
    """An installed custom step: `function` takes an image and, by name, what `model` says.

    `model` is made of the function's signature, and its description is the function's docstring.
    """

    function: Callable[..., Any]
    model: type[RecipePart]


class UnusableStepError(Exception):
    """This entry point is no step, and why."""


@cache
def custom_steps() -> Mapping[str, CustomStepFunction]:
    """Give the installed custom steps by name. A package that cannot be used is logged and left out."""
    usable = {}
    for entry in entry_points(group=GROUP):
        try:
            usable[entry.name] = _loaded(entry)
        except Exception:
            log.exception("custom_step_unusable: %s = %s", entry.name, entry.value)
    return usable


def _loaded(entry: EntryPoint) -> CustomStepFunction:
    if not _NAME.fullmatch(entry.name):
        raise UnusableStepError("a step's name has up to 32 lower-case letters, digits, _ and -")
    if entry.name in BUILT_IN_NAMES:
        raise UnusableStepError("Darkroom has a step of this name")
    function = entry.load()
    return CustomStepFunction(function, step_model(entry.name, function))


def step_model(name: str, function: Callable[..., Any]) -> type[RecipePart]:
    """Give the model of a step's parameters: those of the function but for the first, which is the image.

    Raises UnusableStepError when one of them has no type, or can not be given by name.
    """
    _image, *parameters = inspect.signature(function, eval_str=True).parameters.values()
    fields: dict[str, Any] = {"op": (Literal[name], name)}
    for parameter in parameters:
        if parameter.kind not in {parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD} or parameter.name == "op":
            raise UnusableStepError(f"the parameter {parameter.name} can not be given by name")
        if parameter.annotation is parameter.empty:
            raise UnusableStepError(f"the parameter {parameter.name} has no type")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (parameter.annotation, default)
    return create_model(f"CustomStep_{name}", __base__=RecipePart, __doc__=inspect.getdoc(function), **fields)
