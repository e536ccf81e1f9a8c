"""What an upload's text fields ask for, checked."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from services.gateway.refusals import RefusedError
from shared.documents import PRIORITIES, Priority
from shared.recipes import Recipe, built_in_recipes, find_recipe

MOST_NAME_CHARACTERS = 200
DEFAULT_RECIPE = "web"
FIELDS = frozenset({"batch_name", "chunk_size", "recipe", "priority"})


@dataclass(frozen=True)
class ChunkSizes:
    """Images in a chunk: what is taken when the upload does not say, and the most that it may say."""

    default: int
    most: int


@dataclass(frozen=True)
class SubmissionForm:
    """The batch that an upload asks for."""

    batch_name: str
    chunk_size: int
    recipe: Recipe
    priority: Priority


def read_form(fields: Mapping[str, bytes], chunk_sizes: ChunkSizes) -> SubmissionForm:
    """The form in an upload's text fields; raises `RefusedError` for the first that is missing or wrong.

    An optional field that is empty counts as not sent: that is what a web form sends for a field left blank.
    """
    return SubmissionForm(
        batch_name=_batch_name(fields.get("batch_name", b"")),
        chunk_size=_chunk_size(_word(fields, "chunk_size"), chunk_sizes),
        recipe=_recipe(_word(fields, "recipe")),
        priority=_priority(_word(fields, "priority")),
    )


def _word(fields: Mapping[str, bytes], name: str) -> str:
    return fields.get(name, b"").decode("utf-8", errors="replace").strip()


def _batch_name(data: bytes) -> str:
    try:
        name = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise RefusedError("batch_name_unreadable") from None
    if not name:
        raise RefusedError("batch_name_missing", most=MOST_NAME_CHARACTERS)
    if len(name) > MOST_NAME_CHARACTERS:
        raise RefusedError("batch_name_too_long", most=MOST_NAME_CHARACTERS)
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise RefusedError("batch_name_unreadable")
    return name


def _chunk_size(text: str, sizes: ChunkSizes) -> int:
    if not text:
        return sizes.default
    # isdecimal alone knows the digits of every script, and int() is slow on very long numbers.
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(sizes.most))
    size = int(text) if is_number else 0
    if not 1 <= size <= sizes.most:
        raise RefusedError("chunk_size_invalid", most=sizes.most, details={"lowest": 1, "highest": sizes.most})
    return size


def _recipe(name: str) -> Recipe:
    recipe = find_recipe(name or DEFAULT_RECIPE)
    if recipe is None:
        choices = sorted(built_in_recipes())
        raise RefusedError("recipe_unknown", choices=", ".join(choices), details={"choices": choices})
    return recipe


def _priority(text: str) -> Priority:
    if not text:
        return "normal"
    if text not in PRIORITIES:
        raise RefusedError("priority_unknown", choices=", ".join(PRIORITIES), details={"choices": list(PRIORITIES)})
    return text
