import json

import pytest
from pydantic import ValidationError

from shared.documents import Batch
from shared.recipes import BUILT_IN_RECIPES, Box, JpegOutput, Recipe, WebpOutput
from shared.recipes.steps import AutoOrient, Resize
from tests.fakes import new_batch

PLAIN = {"name": "plain", "outputs": [{"name": "print", "format": "jpeg"}]}


@pytest.mark.parametrize("recipe", BUILT_IN_RECIPES.values(), ids=lambda recipe: recipe.name)
def test_a_built_in_recipe_survives_the_way_through_a_document(recipe: Recipe) -> None:
    """Batches store their recipe as a plain document and read it back."""
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_the_web_recipe_makes_an_upright_web_print_and_a_thumbnail() -> None:
    """The first recipe is the one that people get without asking."""
    assert BUILT_IN_RECIPES.get("web") == Recipe(
        name="web",
        steps=(AutoOrient(),),
        outputs=(
            JpegOutput(name="web", fit=Box(width=1600, height=1600), quality=82),
            JpegOutput(name="thumbnail", fit=Box(width=320, height=320), quality=82),
        ),
    )


def test_the_webp_recipe_differs_in_its_format_only() -> None:
    """People choose WebP by the recipe's name."""
    recipe = BUILT_IN_RECIPES["web-webp"]
    assert [output.name for output in recipe.outputs] == ["web", "thumbnail"]
    assert all(isinstance(output, WebpOutput) for output in recipe.outputs)


def test_an_unknown_name_finds_nothing() -> None:
    """The gateway turns None into its own error."""
    assert BUILT_IN_RECIPES.get("sepia") is None


def test_steps_and_outputs_are_told_apart_by_op_and_format() -> None:
    """A recipe from JSON gets typed parameters."""
    steps = [{"op": "auto_orient"}, {"op": "resize", "width": 800, "height": 600}]
    recipe = Recipe.model_validate({**PLAIN, "steps": steps})
    assert recipe.steps == (AutoOrient(), Resize(width=800, height=600))
    assert recipe.outputs == (JpegOutput(name="print", quality=82),)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Web"}, "name"),
        ({"name": "../etc"}, "name"),
        ({"name": "w" * 33}, "name"),
        ({"steps": [{"op": "melt"}]}, "steps.0"),
        ({"steps": [{"op": "resize", "width": 0, "height": 1}]}, "steps.0.resize.width"),
        ({"steps": [{"op": "resize", "width": 1, "height": 16_384}]}, "steps.0.resize.height"),
        ({"steps": [{"op": "auto_orient", "angle": 3}]}, "steps.0.auto_orient.angle"),
        ({"steps": [{"op": "auto_orient"}] * 21}, "steps"),
        ({"outputs": []}, "outputs"),
        ({"outputs": [{"name": "print", "format": "bmp"}]}, "outputs.0"),
        ({"outputs": [{"name": "print", "format": "jpeg", "quality": 101}]}, "outputs.0.jpeg.quality"),
        ({"outputs": [{"name": "print", "format": "png", "quality": 80}]}, "outputs.0.png.quality"),
        ({"metadata": "keep"}, "metadata"),
    ],
)
def test_a_mistake_is_named_by_its_place(change: dict[str, object], field: str) -> None:
    """Validation errors name the step or output and the field."""
    with pytest.raises(ValidationError) as caught:
        Recipe.model_validate({**PLAIN, **change})
    assert field in {".".join(map(str, error["loc"])) for error in caught.value.errors()}


def test_two_outputs_cannot_share_a_name() -> None:
    """The second print would overwrite the first in the store."""
    with pytest.raises(ValidationError, match="a name of its own"):
        Recipe(name="twins", outputs=(JpegOutput(name="print"), WebpOutput(name="print")))


def test_webp_takes_an_effort_that_fits_its_kind_unless_one_is_asked_for() -> None:
    """A quick one where pixels may change a little, libwebp's own where they may not; recorded ones stay."""
    outputs: list[dict[str, object]] = [{}, {"lossless": True}, {"effort": 4}, {"lossless": True, "effort": 0}]
    assert [WebpOutput.model_validate({"name": "w", **output}).effort for output in outputs] == [2, 4, 4, 0]
    with pytest.raises(ValidationError, match="lossless"):
        WebpOutput.model_validate({"name": "w", "lossless": "perhaps"})


def test_an_image_is_turned_upright_before_all_else() -> None:
    """Widths and heights in every step mean the upright image."""
    with pytest.raises(ValidationError, match="first step"):
        Recipe(name="late", steps=(Resize(width=1, height=2), AutoOrient()), outputs=(JpegOutput(name="print"),))


def test_a_document_may_hold_fields_of_a_newer_version() -> None:
    """On every level: during a rolling upgrade the older services go on reading what the newer ones write."""
    batch = new_batch()
    document = batch.model_dump(mode="json")
    document["recipe"]["retouching"] = ["sky"]
    document["recipe"]["steps"][0]["strength"] = 3
    document["recipe"]["outputs"][0]["fit"]["unit"] = "px"
    assert Batch.model_validate(document) == batch
    assert Batch.model_validate_json(json.dumps(document)) == batch


def test_a_document_must_still_hold_a_recipe() -> None:
    """What is wrong in what this version knows stays wrong."""
    document = new_batch().model_dump(mode="json")
    document["recipe"]["outputs"] = []
    with pytest.raises(ValidationError, match="outputs"):
        Batch.model_validate(document)
