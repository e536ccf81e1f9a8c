"""What an upload's text fields ask for, checked."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.gateway.answers.errors import ApiError
from services.gateway.answers.recipe_codes import RecipeCode
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.batches.inline_recipe import inline_recipe
from services.gateway.batches.recipe_book import RecipeChoice
from shared.documents import DEFAULT_FAILURE_SAMPLE, PRIORITIES, FailureThreshold, Priority
from shared.recipes import MAX_RECIPE_BYTES

MAX_NAME_CHARACTERS = 200
DEFAULT_RECIPE = "web"
MAX_FAILURE_SAMPLE = 1_000_000_000
MAX_PERCENT = 100
MAX_FIELD_BYTES = 64 * 1024
FIELDS: Mapping[str, int] = MappingProxyType(
    {
        "batch_name": MAX_FIELD_BYTES,
        "chunk_size": MAX_FIELD_BYTES,
        "recipe": MAX_FIELD_BYTES,
        "options": MAX_RECIPE_BYTES,
        "priority": MAX_FIELD_BYTES,
        "failure_threshold": MAX_FIELD_BYTES,
        "failure_sample": MAX_FIELD_BYTES,
    }
)
"""The text fields that count, each with the most bytes that are taken of it."""

_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class ChunkSizes:
    """Images in a chunk: what is taken when the upload does not say, and the most that it may say."""

    default: int
    limit: int


@dataclass(frozen=True)
class SubmissionForm:
    """The batch that an upload asks for."""

    batch_name: str
    chunk_size: int
    recipe: RecipeChoice
    priority: Priority
    failure_threshold: FailureThreshold | None


def read_form(fields: Mapping[str, bytes], chunk_sizes: ChunkSizes) -> SubmissionForm:
    """The form in an upload's text fields; raises `ApiError` for the first that is missing or wrong.

    An optional field that is empty counts as not sent: that is what a web form sends for a field left blank.
    """
    return SubmissionForm(
        batch_name=_batch_name(fields.get("batch_name", b"")),
        chunk_size=_chunk_size(_word(fields, "chunk_size"), chunk_sizes),
        recipe=recipe_choice(_word(fields, "recipe"), fields.get("options", b"")) or DEFAULT_RECIPE,
        priority=_priority(_word(fields, "priority")),
        failure_threshold=_failure_threshold(_word(fields, "failure_threshold"), _word(fields, "failure_sample")),
    )


def recipe_choice(name: str, options: bytes) -> RecipeChoice | None:
    """The name, or the recipe in `options`, or None for neither; raises `ApiError` for both."""
    # An empty object is what a form or a page sends that leaves the recipe to us.
    if options.strip() in {b"", b"{}"}:
        return name or None
    if name:
        raise ApiError(RecipeCode.RECIPE_AND_OPTIONS)
    return inline_recipe(options)


def _word(fields: Mapping[str, bytes], name: str) -> str:
    return fields.get(name, b"").decode("utf-8", errors="replace").strip()


def _batch_name(data: bytes) -> str:
    try:
        name = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ApiError(UploadCode.BATCH_NAME_UNREADABLE) from None
    if not name:
        raise ApiError(UploadCode.BATCH_NAME_MISSING, limit=MAX_NAME_CHARACTERS)
    if len(name) > MAX_NAME_CHARACTERS:
        raise ApiError(UploadCode.BATCH_NAME_TOO_LONG, limit=MAX_NAME_CHARACTERS)
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise ApiError(UploadCode.BATCH_NAME_UNREADABLE)
    return name


def _chunk_size(text: str, sizes: ChunkSizes) -> int:
    if not text:
        return sizes.default
    size = _whole_number(text, sizes.limit)
    if size is None:
        raise ApiError(UploadCode.CHUNK_SIZE_INVALID, limit=sizes.limit, details={"lowest": 1, "highest": sizes.limit})
    return size


def _priority(text: str) -> Priority:
    if not text:
        return "normal"
    if text not in PRIORITIES:
        raise ApiError(
            UploadCode.PRIORITY_UNKNOWN, choices=", ".join(PRIORITIES), details={"choices": list(PRIORITIES)}
        )
    return text


def _failure_threshold(percent: str, sample: str) -> FailureThreshold | None:
    enough = _whole_number(sample, MAX_FAILURE_SAMPLE) if sample else DEFAULT_FAILURE_SAMPLE
    if enough is None or (sample and not percent):
        raise ApiError(UploadCode.FAILURE_SAMPLE_INVALID, details={"lowest": 1, "highest": MAX_FAILURE_SAMPLE})
    if not percent:
        return None
    value = float(percent) if _PERCENT.fullmatch(percent) else 0.0
    if not 0 < value <= MAX_PERCENT:
        raise ApiError(UploadCode.FAILURE_THRESHOLD_INVALID, details={"above": 0, "highest": MAX_PERCENT})
    return FailureThreshold(percent=value, sample=enough)


def _whole_number(text: str, limit: int) -> int | None:
    """The number from 1 to `limit` that the text says; None if it says something else."""
    # isdecimal alone knows the digits of every script, and int() is slow on very long numbers.
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(limit))
    number = int(text) if is_number else 0
    return number if 1 <= number <= limit else None
