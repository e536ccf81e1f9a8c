"""`darkroom recipes`: what can be made of a photograph; and the recipe that a call means."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from darkroom.recipe_reference import recipe_reference
from darkroom.usage import USAGE
from shared.recipes import (
    BUILT_IN_RECIPES,
    MAX_RECIPE_BYTES,
    Recipe,
    RecipeInvalidError,
    read_recipe,
)
from shared.recipes.problem_sentences import problem_sentence

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
    typer.echo(chosen(name, None, Console(stderr=True)).model_dump_json(indent=2, exclude_none=True))


@app.command()
def schema() -> None:
    """Print the JSON schema of recipes, for editors and programs."""
    typer.echo(json.dumps(Recipe.model_json_schema(), ensure_ascii=False, indent=2))


@app.command()
def reference() -> None:
    """Print everything that a recipe may hold, as Markdown: docs/recipes.md."""
    typer.echo(recipe_reference(), nl=False)


def chosen(name: str | None, options: str | None, console: Console) -> Recipe:
    """The recipe of that name, or the one in `options` (JSON, or a file that holds it); one of both may be given.

    Anything else is told on the console and ends the command.
    """
    if options is None:
        return _named(name or DEFAULT, console)
    if name is not None:
        console.print("[red]--recipe and --options cannot go together.[/] Leave one out.")
        raise typer.Exit(USAGE)
    try:
        return read_recipe(_content(options, console))
    except RecipeInvalidError as error:
        console.print("[red]The recipe cannot be used:[/]")
        for problem in error.problems:
            console.print(f"  {escape(problem_sentence(problem).english)}", soft_wrap=True)
        raise typer.Exit(USAGE) from error


def _named(name: str, console: Console) -> Recipe:
    found = BUILT_IN_RECIPES.get(name)
    if found is None:
        known = ", ".join(sorted(BUILT_IN_RECIPES))
        console.print(f"[red]There is no recipe called {escape(repr(name))}.[/] Known recipes: {known}.")
        raise typer.Exit(USAGE)
    return found


def _content(options: str, console: Console) -> bytes:
    if options.lstrip().startswith("{"):
        return options.encode(errors="replace")
    try:
        with Path(options).open("rb") as file:
            content = file.read(MAX_RECIPE_BYTES + 1)
    except (OSError, ValueError) as error:
        console.print(f"[red]Cannot read the recipe in {escape(options)}:[/] {escape(str(error))}.", soft_wrap=True)
        raise typer.Exit(USAGE) from error
    if len(content) > MAX_RECIPE_BYTES:
        console.print(f"[red]The recipe is too long:[/] it may have {MAX_RECIPE_BYTES} bytes.")
        raise typer.Exit(USAGE)
    return content
