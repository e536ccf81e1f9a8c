"""What is said about a recipe that cannot be used."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import shared.recipes
from shared.recipes import Recipe, RecipeInvalidError, RecipeProblem, read_recipe
from shared.recipes.problem_sentences import RULES_IN_KOREAN, problem_sentence
from shared.recipes.recipe import EXAMPLE

OUTPUTS = [{"name": "print", "format": "jpeg"}]


def problems(recipe: Any) -> tuple[RecipeProblem, ...]:
    """What is wrong with a recipe, given as JSON or as what becomes JSON."""
    with pytest.raises(RecipeInvalidError) as caught:
        read_recipe(recipe if isinstance(recipe, str) else json.dumps(recipe))
    return caught.value.problems


def test_a_recipe_needs_no_name() -> None:
    """An inline one is used once."""
    assert read_recipe(json.dumps({"outputs": OUTPUTS})).name == "custom"


def test_the_example_of_the_documentation_is_a_recipe() -> None:
    """And it is in the schema."""
    assert read_recipe(json.dumps(EXAMPLE)).name == "shop"
    assert Recipe.model_json_schema()["examples"] == [EXAMPLE]


@pytest.mark.parametrize(
    ("steps", "in_english", "in_korean"),
    [
        (
            [{"op": "auto_orient"}, {"op": "resize", "width": 0, "height": 9}],
            "step 2 (resize), field width: has to be at least 1.",
            "2번째 단계(resize)의 width: 1 이상이어야 합니다.",
        ),
        (
            [{"op": "resize", "width": 1, "height": 9, "heigth": 3}],
            "step 1 (resize), field heigth: there is no such field.",
            "1번째 단계(resize)의 heigth: 그런 필드는 없습니다.",
        ),
        ([{"op": "rotate"}], "step 1 (rotate), field angle: is missing.", "1번째 단계(rotate)의 angle: 값이 없습니다."),
        (
            [{"op": "crop"}],
            "step 1 (crop): give either box or aspect.",
            "1번째 단계(crop): box와 aspect 중 하나만 써 주세요.",
        ),
        (
            [{"op": "crop", "box": {"width": 9, "height": 9}, "left": 1}],
            "step 1 (crop): give both left and top, or neither.",
            "1번째 단계(crop): left와 top은 함께 쓰거나 둘 다 빼 주세요.",
        ),
        (
            [{"op": "crop", "aspect": "1:1", "left": 1, "top": 1}],
            "step 1 (crop): left and top go with box.",
            "1번째 단계(crop): left와 top은 box와 함께 써야 합니다.",
        ),
        (
            [{"op": "blur", "radius": 101}],
            "step 1 (blur), field radius: has to be at most 100.",
            "1번째 단계(blur)의 radius: 100 이하여야 합니다.",
        ),
        (
            [{"op": "flip"}, {"op": "auto_orient"}],
            "step 2 (auto_orient): auto_orient can only be the first step.",
            "2번째 단계(auto_orient): auto_orient는 첫 번째 단계로만 쓸 수 있습니다.",
        ),
        (
            [{"op": "flip", "axis": "diagonal"}],
            "step 1 (flip), field axis: has to be one of: 'horizontal' or 'vertical'.",
            "1번째 단계(flip)의 axis: 다음 중 하나여야 합니다: 'horizontal', 'vertical'.",
        ),
        ([{"angle": 3}], "step 1: op is missing, which says what it is.", "1번째 단계: op 값이 없습니다."),
        ([7], "step 1: has to be an object.", "1번째 단계: 객체여야 합니다."),
        (7, "field steps: has to be a list.", "steps: 목록이어야 합니다."),
    ],
)
def test_a_sentence_names_the_step_and_the_field(steps: Any, in_english: str, in_korean: str) -> None:
    """Steps are counted from 1, as people do."""
    [problem] = problems({"steps": steps, "outputs": OUTPUTS})
    assert (problem_sentence(problem).english, problem_sentence(problem).korean) == (in_english, in_korean)


def test_a_sentence_names_the_output_and_the_field_in_it() -> None:
    """Also one that lies deeper."""
    outputs = [{"name": "a", "format": "jpeg", "fit": {"width": 0, "height": 2}}]
    [problem] = problems({"outputs": outputs})
    assert problem_sentence(problem).english == "output 1 (jpeg), field fit.width: has to be at least 1."
    assert problem_sentence(problem).korean == "1번째 출력(jpeg)의 fit.width: 1 이상이어야 합니다."


def test_an_output_has_one_box() -> None:
    """Within which it fits, or which it covers."""
    box = {"width": 9, "height": 9}
    [problem] = problems({"outputs": [{"name": "a", "format": "jpeg", "fit": box, "cover": box}]})
    assert problem_sentence(problem).english == "output 1 (jpeg): give either fit or cover."


def test_two_outputs_of_one_name_are_told_apart_by_their_numbers() -> None:
    """The second is at fault; programs get its place as well."""
    [problem] = problems({"outputs": [*OUTPUTS, {"name": OUTPUTS[0]["name"], "format": "webp"}]})
    assert problem_sentence(problem).english == "output 2 (webp), field name: each output needs a name of its own."
    assert problem_sentence(problem).korean == "2번째 출력(webp)의 name: 출력마다 이름이 달라야 합니다."
    assert problem.for_programs()["loc"] == ["outputs", 1, "webp", "name"]


def test_a_mistake_in_a_webp_output_is_the_only_one() -> None:
    """The effort's default depends on another field, but its absence is no mistake."""
    [problem] = problems({"outputs": [{"name": "a", "format": "webp", "quality": 0}]})
    assert problem_sentence(problem).english == "output 1 (webp), field quality: has to be at least 1."


def test_an_unknown_step_is_answered_with_those_that_there_are() -> None:
    """All of them, and what was sent is quoted but never taken for a place of ours."""
    [problem] = problems({"steps": [{"op": "{melt}"}], "outputs": OUTPUTS})
    assert problem_sentence(problem).english.startswith(
        "step 1: op cannot be “{melt}”; it has to be one of: 'auto_orient', "
    )
    assert "watermark_image" in problem_sentence(problem).english


def test_programs_get_the_place_as_a_list() -> None:
    """Counted from 0, as in the JSON."""
    [problem] = problems({"steps": [{"op": "resize", "width": 0, "height": 9}], "outputs": OUTPUTS})
    assert problem.for_programs() == {
        "loc": ["steps", 0, "resize", "width"],
        "field": "steps.0.resize.width",
        "type": "greater_than_equal",
        "problem": "Input should be greater than or equal to 1",
    }


@pytest.mark.parametrize("data", ["", "{", "[" * 50_000, '{"outputs": "\\ud800"}', "\x00"])
def test_what_is_no_json_is_said_to_be_none(data: str) -> None:
    """However deep or broken it is."""
    [problem] = problems(data)
    assert (problem.type, problem.loc, problem.part, problem.field) == ("json_invalid", (), None, "")
    assert problem_sentence(problem).english.startswith("it cannot be read as JSON (")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    """Python's JSON knows them, and no limit would hold them."""
    [problem] = problems(f'{{"outputs": {json.dumps(OUTPUTS)}, "steps": [{{"op": "blur", "radius": {number}}}]}}')
    assert problem.field == "radius"


def test_many_mistakes_are_not_all_told() -> None:
    """Nor are long ones told at length."""
    found = problems({"outputs": OUTPUTS, **{f"{number}{'x' * 5000}": 1 for number in range(15)}})
    assert len(found) == 15
    assert all(len(problem_sentence(problem).english) < 200 for problem in found)
    assert len(problems({"outputs": OUTPUTS, **dict.fromkeys(map(str, range(500)))})) == 20


def test_every_rule_has_both_languages() -> None:
    """What a model raises as its own rule is known in Korean, and nothing else is."""
    raised = set()
    for path in Path(shared.recipes.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
            if called in {"ValueError", "rule_broken"} and isinstance(node, ast.Call):
                raised.add(ast.literal_eval(node.args[0]))
    assert raised == set(RULES_IN_KOREAN)
    assert all(not said.isascii() for said in RULES_IN_KOREAN.values())


def test_every_field_is_described() -> None:
    """In the schema, from which the reference and the interactive documentation are made; tags describe themselves."""
    schema = Recipe.model_json_schema()
    undescribed = [
        f"{model}.{name}"
        for model, part in {"Recipe": schema, **schema["$defs"]}.items()
        for name, field in part.get("properties", {}).items()
        if "const" not in field and not field.get("description")
    ]
    assert undescribed == []
