"""A watermark's image is looked at when its recipe comes in, not only when each image of a batch fails by it."""

import base64
import json

import pytest

from shared.documents import StoredRecipe
from shared.recipes import RecipeInvalidError, read_recipe
from shared.recipes.problem_sentences import problem_sentence
from tests import hostile
from tests.fakes import START

NO_PNG = "step 1 (watermark_image), field png: this is not a PNG in Base64."
TOO_LARGE = "step 1 (watermark_image), field png: the PNG has more than 4 megapixels."
SMALL = hostile.png(20, 10)


def with_watermark(png: bytes | str) -> dict[str, object]:
    """A recipe as JSON would be read."""
    encoded = png if isinstance(png, str) else base64.b64encode(png).decode()
    return {"steps": [{"op": "watermark_image", "png": encoded}], "outputs": [{"name": "p", "format": "jpeg"}]}


@pytest.mark.parametrize(
    ("png", "sentence"),
    [
        (b"GIF89a of something", NO_PNG),
        (SMALL[:20], NO_PNG),
        (SMALL.replace(b"IHDR", b"IEND"), NO_PNG),
        (hostile.png(1, 1).replace(b"\0\0\0\1", b"\0\0\0\0", 1), NO_PNG),
        (base64.b64encode(SMALL).decode() + "A", NO_PNG),
        ("=AAA", NO_PNG),
        (hostile.png(2001, 2000), TOO_LARGE),
        (hostile.png(1, 4_000_001)[:40], TOO_LARGE),
    ],
)
def test_what_cannot_be_laid_over_is_told_with_its_place(png: bytes | str, sentence: str) -> None:
    """Before anything is uploaded."""
    with pytest.raises(RecipeInvalidError) as caught:
        read_recipe(json.dumps(with_watermark(png)))
    assert [problem_sentence(problem).english for problem in caught.value.problems] == [sentence]


@pytest.mark.parametrize("png", [SMALL, hostile.png(2000, 2000)])
def test_a_png_is_taken(png: bytes) -> None:
    """Up to the largest."""
    assert read_recipe(json.dumps(with_watermark(png))).steps[0].op == "watermark_image"


def test_a_recipe_that_was_taken_before_is_still_read() -> None:
    """Earlier versions did not look; its images fail by name, as they did."""
    recipe = {"name": "old", **with_watermark("AAAA")}
    stored = StoredRecipe.model_validate({"_id": "old", "id": "old", "recipe": recipe, "saved_at": START})
    assert stored.recipe.steps[0].op == "watermark_image"
