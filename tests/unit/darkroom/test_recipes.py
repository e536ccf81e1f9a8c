"""`darkroom recipes`: what there is, and what a recipe may hold."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from darkroom.cli import app
from darkroom.recipe_reference import recipe_reference
from shared.recipes import BUILT_IN_RECIPES, MAX_RECIPE_BYTES, Recipe, read_recipe
from shared.recipes.recipe import EXAMPLE

ROOT = Path(__file__).parents[3]


def recipes(*arguments: str, status: int = 0) -> str:
    """What the command prints."""
    result = CliRunner().invoke(app, ["recipes", *arguments], env={"COLUMNS": "200"})
    assert result.exit_code == status, result.output
    return result.output


def test_the_recipes_are_listed() -> None:
    """Every built-in recipe with what it makes."""
    listed = recipes()
    assert all(name in listed for name in BUILT_IN_RECIPES)
    assert "thumbnail (jpeg, at most 320 px)" in listed


@pytest.mark.parametrize("name", BUILT_IN_RECIPES)
def test_a_recipe_is_shown_as_it_can_be_sent(name: str) -> None:
    """To start one's own from."""
    assert read_recipe(recipes("show", name)) == BUILT_IN_RECIPES[name]


def test_an_unknown_recipe_is_answered_with_those_that_there_are() -> None:
    """And the status of a wrong call."""
    assert "web-webp" in recipes("show", "[/sepia]", status=2)


def test_the_schema_is_that_of_the_models() -> None:
    """For editors and programs."""
    assert json.loads(recipes("schema")) == Recipe.model_json_schema()


def test_the_page_in_the_documentation_is_what_the_models_say() -> None:
    """`make docs` writes it."""
    page = (ROOT / "docs" / "recipes.md").read_text()
    assert page == recipe_reference(), "run `make docs`"
    assert recipes("reference") == page


def test_the_reference_names_every_step_output_and_field() -> None:
    """Each under the heading of what it belongs to."""
    page = recipe_reference()
    sections = {section.partition("\n")[0]: section for section in page.split("\n### ")}
    schema = Recipe.model_json_schema()
    for part in schema["$defs"].values():
        tag = next((name for name in ("op", "format") if "const" in part["properties"].get(name, {})), "")
        heading = f"`{part['properties'][tag]['const']}`" if tag else part["title"]
        for field in part["properties"]:
            assert field == tag or f"\n| `{field}` | " in sections[heading], (heading, field)
    assert json.dumps(EXAMPLE, ensure_ascii=False, indent=2) in page


def test_a_field_is_described_with_its_limits_its_default_and_what_it_is() -> None:
    """One row of each sort."""
    rows = recipe_reference().splitlines()
    assert "| `radius` | number, more than 0 and at most 100 | required | Standard deviation in pixels. |" in rows
    assert '| `axis` | `horizontal`, `vertical` | `"horizontal"` | `horizontal` swaps left and right. |' in rows
    assert "| `quality` | whole number, at least 1 and at most 100 | `82` | The encoder's quality, 1 to 100. |" in rows
    assert any(row.startswith("| `fit` | [Box](#box) |  | ") for row in rows)


def test_a_recipe_too_long_is_not_read(tmp_path: Path) -> None:
    """It may be any file."""
    photo, long = tmp_path / "0.jpg", tmp_path / "long"
    photo.touch()
    long.write_bytes(bytes(MAX_RECIPE_BYTES + 1))
    arguments = ["develop", str(photo), "--out", str(tmp_path / "prints"), "--options", str(long)]
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, str(MAX_RECIPE_BYTES) in result.output) == (2, True)
