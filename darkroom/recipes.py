"""`darkroom recipes`: what can be made of a photograph; and the recipe that a call means."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from darkroom.recipe_reference import recipe_reference
from darkroom.sentences import (
    RECIPE_AND_OPTIONS,
    RECIPE_INVALID,
    RECIPE_TOO_LONG,
    RECIPE_UNKNOWN,
    RECIPE_UNREADABLE,
)
from darkroom.usage import CallError, exit_with
from shared.recipes import (
    BUILT_IN_RECIPES,
    MAX_RECIPE_BYTES,
    Recipe,
    RecipeInvalidError,
    read_recipe,
)
from shared.recipes.problem_sentences import problem_sentence
from shared.translated import Translated

DEFAULT = "web"

app = typer.Typer(help="Recipes: what is made of each photograph.", invoke_without_command=True)


@app.callback()
def list_recipes(context: typer.Context) -> None:
    """List the built-in recipes and what they make."""
    if context.invoked_subcommand:
        return
    console = Console()
    for recipe in BUILT_IN_RECIPES.values():
        made = ", ".join(
            f"{output.name} ({output.format}{f', at most {output.fit.width} px' if output.fit else ''})"
            for output in recipe.outputs
        )
        console.print(f"[bold]{recipe.name}[/]  {made}")
    console.print(
        "\nTo start your own: darkroom recipes show NAME > mine.json; all it may hold: darkroom recipes reference"
    )


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="NAME", help="Such as web.")]) -> None:
    """Print a built-in recipe as JSON, as --options and the API's `options` take it."""
    try:
        recipe = chosen(name, None)
    except CallError as error:
        raise exit_with(error) from error
    typer.echo(recipe.model_dump_json(indent=2, exclude_none=True))


@app.command()
def schema() -> None:
    """Print the JSON schema of recipes, for editors and programs."""
    typer.echo(json.dumps(Recipe.model_json_schema(), ensure_ascii=False, indent=2))


@app.command()
def reference() -> None:
    """Print everything that a recipe may hold, as Markdown: docs/recipes.md."""
    typer.echo(recipe_reference(), nl=False)


def chosen(name: str | None, options: str | None) -> Recipe:
    """The recipe of that name, or the one in `options` (JSON, or a file that holds it); one of both may be given.

    Raises `CallError`.
    """
    if options is None:
        return _named(name or DEFAULT)
    if name is not None:
        raise CallError(RECIPE_AND_OPTIONS)
    try:
        return read_recipe(_content(options))
    except RecipeInvalidError as error:
        sentences = [problem_sentence(problem) for problem in error.problems]
        problems = Translated(_lines(s.korean for s in sentences), _lines(s.english for s in sentences))
        raise CallError(RECIPE_INVALID, problems=problems) from error


def _lines(sentences: Iterable[str]) -> str:
    return "".join(f"\n  {sentence}" for sentence in sentences)


def _named(name: str) -> Recipe:
    found = BUILT_IN_RECIPES.get(name)
    if found is None:
        raise CallError(RECIPE_UNKNOWN, name=repr(name), known=", ".join(sorted(BUILT_IN_RECIPES)))
    return found


def _content(options: str) -> bytes:
    if options.lstrip().startswith("{"):
        return options.encode(errors="replace")
    try:
        with Path(options).open("rb") as file:
            content = file.read(MAX_RECIPE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise CallError(RECIPE_UNREADABLE, file=options, reason=error) from error
    if len(content) > MAX_RECIPE_BYTES:
        raise CallError(RECIPE_TOO_LONG, bytes=MAX_RECIPE_BYTES)
    return content
