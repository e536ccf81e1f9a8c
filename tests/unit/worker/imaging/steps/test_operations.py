"""What is known of each step by its name alone."""

from importlib.util import find_spec

import pytest

from services.worker.imaging.steps import operation_of
from services.worker.imaging.steps.custom_step import OPERATION as CUSTOM
from shared.recipes import CustomStep
from shared.recipes.steps import BUILT_IN_NAMES, Crop, Grayscale


@pytest.mark.parametrize("name", sorted(BUILT_IN_NAMES))
def test_a_step_is_its_model_and_the_module_of_its_name(name: str) -> None:
    """A new one stands in one list, the union of models, and no other module names it."""
    assert find_spec(f"services.worker.imaging.steps.{name}") is not None


def test_a_step_of_another_package_has_the_operation_that_calls_it() -> None:
    """Whatever its name; built-in ones have their own."""
    assert operation_of(CustomStep(op="read_text")) is CUSTOM
    assert operation_of(Grayscale()) is not CUSTOM


def test_a_cut_is_foreseen_unless_it_looks_at_pixels() -> None:
    """So that what is cut away is not decoded."""
    square = operation_of(Crop(aspect="1:1"))
    cut = square.cut(Crop(aspect="1:1", gravity="west"))
    assert cut is not None
    assert (cut.part_of((200, 100)), cut.is_exact) == ((0, 0, 100, 100), False)
    assert square.cut(Crop(aspect="1:1", gravity="smart")) is None
