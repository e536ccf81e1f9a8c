"""Read a recipe from a request, and say what is wrong with it: for programs, and for people."""

from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.errors import PermanentError
from shared.recipes.recipe import Recipe

MAX_RECIPE_BYTES = 96 * 1024
"""Longest recipe as JSON that is read: a watermark image of the largest size, and room for the rest."""

MAX_PROBLEMS = 20
MAX_QUOTED_CHARACTERS = 80
MAX_MESSAGE_CHARACTERS = 1000
_PARTS = {"steps", "outputs"}


@dataclass(frozen=True)
class RecipeProblem:
    """One mistake: where it is, as pydantic says it (steps and outputs counted from 0), its type, and the limits."""

    loc: tuple[int | str, ...]
    type: str
    message: str
    values: Mapping[str, Any]

    @property
    def part(self) -> str | None:
        """`steps` or `outputs` if it is in one of these."""
        return str(self.loc[0]) if self._is_in_a_part else None

    @property
    def number(self) -> int:
        """Which of the steps or outputs it is in, counted from 1; 0 for none."""
        return int(self.loc[1]) + 1 if self._is_in_a_part else 0

    @property
    def kind(self) -> str | None:
        """The `op` of the step or the `format` of the output that it is in, as far as that is known."""
        return str(self.loc[2]) if self._is_in_a_part and len(self.loc) > len(("part", "number")) else None

    @property
    def field(self) -> str:
        """The field, as a path within its step or output, or within the recipe; empty for no single one."""
        within = self.loc[3:] if self._is_in_a_part else self.loc
        return ".".join(_short(str(name)) for name in within)

    def for_programs(self) -> dict[str, Any]:
        loc = [_short(place) if isinstance(place, str) else place for place in self.loc]
        return {"loc": loc, "field": ".".join(map(str, loc)), "type": self.type, "problem": self.message}

    @property
    def _is_in_a_part(self) -> bool:
        return len(self.loc) > 1 and self.loc[0] in _PARTS and isinstance(self.loc[1], int)


class RecipeInvalidError(PermanentError):
    """What was sent is no recipe; `problems` has at least one and at most twenty."""

    code = "recipe_invalid"

    def __init__(self, problems: Sequence[RecipeProblem]) -> None:
        super().__init__("; ".join(f"{problem.loc}: {problem.message}" for problem in problems))
        self.problems = tuple(problems)


def read_recipe(data: str | bytes) -> Recipe:
    """The recipe in this JSON; raises `RecipeInvalidError`, also for fields that no recipe has.

    The caller bounds the data by `MAX_RECIPE_BYTES` before.
    """
    try:
        return Recipe.model_validate_json(data.removeprefix(BOM_UTF8) if isinstance(data, bytes) else data)
    except ValidationError as error:
        raise RecipeInvalidError(recipe_problems(error)) from None


def recipe_problems(error: ValidationError) -> list[RecipeProblem]:
    """The mistakes that pydantic found in a recipe."""
    found = error.errors(include_url=False, include_input=False)
    problems = [
        RecipeProblem(
            loc=(*problem["loc"], *problem.get("ctx", {}).get("place", ())),
            type=problem["type"],
            message=_short(problem["msg"].removeprefix("Value error, "), MAX_MESSAGE_CHARACTERS),
            values={name: _shown(name, value) for name, value in problem.get("ctx", {}).items() if name != "place"},
        )
        for problem in found[:MAX_PROBLEMS]
    ]
    return [problem for problem in problems if not _is_echo(problem, problems)]


def _is_echo(problem: RecipeProblem, problems: Sequence[RecipeProblem]) -> bool:
    # A default that depends on a field that is wrong cannot be made, which is no second mistake.
    if problem.type == "default_factory_not_called":
        return True
    # pydantic does not count items that are wrong themselves, and then says that there are too few.
    within = (other.loc[: len(problem.loc)] == problem.loc and other.loc != problem.loc for other in problems)
    return problem.type == "too_short" and any(within)


def _shown(name: str, value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if name == "discriminator":
        return str(value).strip("'")
    # The tag alone is the sender's own text; the others are ours.
    return _short(str(value), MAX_QUOTED_CHARACTERS if name == "tag" else MAX_MESSAGE_CHARACTERS)


def _short(text: str, limit: int = MAX_QUOTED_CHARACTERS) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
