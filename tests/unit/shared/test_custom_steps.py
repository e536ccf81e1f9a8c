"""Custom steps in recipes: read, refused, described, kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.documents import Batch
from shared.recipes import CustomStep, Recipe, RecipeInvalidError, RecordedRecipe, read_recipe
from shared.recipes.custom_steps import custom_steps
from shared.recipes.problem_sentences import problem_sentence
from shared.recipes.steps import AutoOrient
from tests.custom_steps import HERE, UNUSABLE, install
from tests.fakes import new_batch

OUTPUTS = [{"name": "print", "format": "jpeg"}]
STORED: TypeAdapter[Recipe] = TypeAdapter(RecordedRecipe)


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    install(tmp_path, monkeypatch, {**HERE, **UNUSABLE})
    yield
    monkeypatch.undo()
    custom_steps.cache_clear()


def recipe(*steps: dict[str, object]) -> dict[str, object]:
    """A recipe as a client sends it."""
    return {"name": "own", "steps": list(steps), "outputs": OUTPUTS}


def test_a_package_that_cannot_be_used_is_left_out() -> None:
    """It breaks on import, has parameters without types or names, or a built-in step's name: the others are there."""
    assert set(custom_steps()) == set(HERE)


def test_an_custom_step_is_read_with_all_its_parameters() -> None:
    """Those at their default too, as the package may change it before the batch is developed."""
    read = Recipe.model_validate(recipe({"op": "auto_orient"}, {"op": "halved"}, {"op": "told", "shade": 3}))
    assert read.steps[0] == AutoOrient()
    assert [step.op for step in read.steps] == ["auto_orient", "halved", "told"]
    assert isinstance(read.steps[1], CustomStep)
    assert read.steps[1].parameters == {"times": 1}


def test_a_recipe_with_custom_steps_survives_the_way_through_a_document() -> None:
    """In Python and in JSON."""
    read = Recipe.model_validate(recipe({"op": "flip"}, {"op": "halved", "times": 2}))
    assert Recipe.model_validate(read.model_dump(mode="json")) == read
    assert Recipe.model_validate_json(read.model_dump_json()) == read
    batch = new_batch("b").model_copy(update={"recipe": read})
    assert Batch.model_validate(batch.model_dump()).recipe == read
    assert Batch.model_validate_json(batch.model_dump_json()).recipe == read


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ({"op": "halved", "times": 5}, "steps.0.halved.times"),
        ({"op": "halved", "amount": 1}, "steps.0.halved.amount"),
        ({"op": "told"}, "steps.0.told.shade"),
        ({"op": "untyped"}, "steps.0"),
        ({"op": "resize", "times": 1}, "steps.0.resize.width"),
    ],
)
def test_a_mistake_is_named_by_its_place(step: dict[str, object], place: str) -> None:
    """As with built-in steps."""
    with pytest.raises(ValidationError) as caught:
        Recipe.model_validate(recipe(step))
    assert place in {".".join(map(str, error["loc"])) for error in caught.value.errors()}


def test_a_mistake_is_told_in_both_languages() -> None:
    """As one in a step of Darkroom's own."""
    with pytest.raises(RecipeInvalidError) as caught:
        read_recipe(json.dumps(recipe({"op": "halved", "times": 5}, {"op": "told"})))
    assert [problem_sentence(problem).english for problem in caught.value.problems] == [
        "step 1 (halved), field times: has to be at most 4.",
        "step 2 (told), field shade: is missing.",
    ]
    assert problem_sentence(caught.value.problems[0]).korean == "1번째 단계(halved)의 times: 4 이하여야 합니다."


def test_a_mistake_against_a_packages_own_rule_is_told_in_its_words() -> None:
    """Darkroom knows no sentence for it."""
    with pytest.raises(RecipeInvalidError) as caught:
        read_recipe(json.dumps(recipe({"op": "choosy", "amount": 3})))
    (problem,) = caught.value.problems
    assert problem_sentence(problem).english == "step 1 (choosy), field amount: has to be even."


def test_custom_steps_are_in_the_schema() -> None:
    """With their parameters and the function's own words."""
    schema = Recipe.model_json_schema()
    choices = schema["properties"]["steps"]["items"]["oneOf"]
    assert {"$ref": "#/$defs/Resize"} in choices
    own = {choice["properties"]["op"]["const"]: choice for choice in choices if "properties" in choice}
    assert set(own) == set(HERE)
    halved = own["halved"]
    assert halved["description"] == "Halve the image's sides, some times."
    assert halved["properties"]["times"] == {
        "default": 1, "maximum": 4, "minimum": 1, "title": "Times", "type": "integer",
    }  # fmt: skip


def test_a_document_is_read_when_its_custom_step_is_gone() -> None:
    """Or takes other parameters now: only a client's recipe is checked against what is installed."""
    gone = recipe({"op": "sepia", "tone": 3}, {"op": "halved", "times": 99})
    with pytest.raises(ValidationError):
        Recipe.model_validate(gone)
    assert [step.op for step in STORED.validate_python(gone).steps] == ["sepia", "halved"]
    stored = {**new_batch("b").model_dump(mode="json"), "recipe": gone}
    assert Batch.model_validate(stored).model_dump(mode="json")["recipe"]["steps"] == gone["steps"]
