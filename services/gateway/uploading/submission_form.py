"""What an upload's text fields ask for: one model reads them and documents them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from services.gateway.answers.errors import ApiError
from services.gateway.answers.recipe_codes import RecipeCode
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.batches.inline_recipe import inline_recipe
from services.gateway.batches.recipe_book import RecipeChoice
from shared.documents import DEFAULT_FAILURE_SAMPLE, PRIORITIES, FailureThreshold, Priority
from shared.recipes import MAX_RECIPE_BYTES

MAX_NAME_CHARACTERS = 200
DEFAULT_RECIPE = "web"
MAX_PERCENT = 100
MAX_FAILURE_SAMPLE = 1_000_000_000
MAX_FIELD_BYTES: Mapping[str, int] = MappingProxyType({"options": MAX_RECIPE_BYTES, "": 64 * 1024})
"""The most bytes that are taken of a text field; `""` is for all others."""


_DECIMAL = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?")


def _plain(value: str) -> str:
    """Refuse what only Python takes for a number, such as 1_000 or digits of other scripts."""
    if not _DECIMAL.fullmatch(value):
        raise ValueError("not a plain decimal number")
    return value


_NAME_PROBLEMS = {
    "missing": UploadCode.BATCH_NAME_MISSING,
    "string_too_short": UploadCode.BATCH_NAME_MISSING,
    "string_too_long": UploadCode.BATCH_NAME_TOO_LONG,
}
_PROBLEMS: Mapping[str, tuple[UploadCode, Mapping[str, Any]]] = {
    "priority": (UploadCode.PRIORITY_UNKNOWN, {"choices": list(PRIORITIES)}),
    "failure_threshold": (UploadCode.FAILURE_THRESHOLD_INVALID, {"above": 0, "highest": MAX_PERCENT}),
    "failure_sample": (UploadCode.FAILURE_SAMPLE_INVALID, {"lowest": 1, "highest": MAX_FAILURE_SAMPLE}),
}

_Count = Annotated[int, BeforeValidator(_plain), Field(ge=1)]


@dataclass(frozen=True)
class ChunkSizes:
    """Images in a chunk: what is taken when the upload does not say, and the most that it may say."""

    default: int
    limit: int


class SubmissionForm(BaseModel):
    """The batch that an upload asks for.

    An optional field that is empty counts as not sent: that is what a web form sends for a field left blank.
    """

    # Web forms send hidden fields of their own, which are no mistake.
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    batch_name: Annotated[
        str, StringConstraints(min_length=1, max_length=MAX_NAME_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")
    ] = Field(examples=["제주 여행"])
    """What the batch is called."""

    chunk_size: _Count | None = Field(default=None, examples=[10])
    """Images in a chunk, 10 if absent; this server may be set otherwise, and to allow at most 1,000."""

    recipe: str = ""
    """What is made of each image: the name of a built-in or stored recipe, as GET /pipeline/recipes lists them; `web`
    if absent."""

    options: str = ""
    """A recipe of your own as JSON text, instead of a name in `recipe`."""

    priority: Priority = "normal"
    """Under load, high gets four times as much work done as low."""

    failure_threshold: Annotated[float, BeforeValidator(_plain)] | None = Field(default=None, gt=0, le=MAX_PERCENT)
    """Give the batch up as FAILURE once so many percent of the images that ended have failed; never if absent."""

    failure_sample: _Count | None = Field(default=None, le=MAX_FAILURE_SAMPLE)
    """Images that must have ended before `failure_threshold` is looked at; 20 if absent."""

    def size_of_chunks(self, sizes: ChunkSizes) -> int:
        """Images in a chunk; raises `ApiError` for more than this server allows."""
        if self.chunk_size is not None and self.chunk_size > sizes.limit:
            raise _chunk_size_invalid(sizes)
        return self.chunk_size or sizes.default

    @property
    def recipe_choice(self) -> RecipeChoice:
        """The recipe that is meant; raises `ApiError` if it is invalid or there are two."""
        return recipe_choice(self.recipe, self.options) or DEFAULT_RECIPE

    @property
    def threshold(self) -> FailureThreshold | None:
        """When to give up; raises `ApiError` for a sample without a threshold."""
        if self.failure_threshold is None:
            if self.failure_sample is not None:
                code, details = _PROBLEMS["failure_sample"]
                raise ApiError(code, details=details)
            return None
        return FailureThreshold(percent=self.failure_threshold, sample=self.failure_sample or DEFAULT_FAILURE_SAMPLE)


def read_form(fields: Mapping[str, bytes], sizes: ChunkSizes) -> SubmissionForm:
    """Read the form in an upload's text fields; raises `ApiError` for the first that is missing or wrong."""
    sent: dict[str, str] = {}
    for name, value in fields.items():
        try:
            sent[name] = value.decode("utf-8")
        except UnicodeDecodeError:
            if name == "batch_name":
                raise ApiError(UploadCode.BATCH_NAME_UNREADABLE) from None
            sent[name] = value.decode("utf-8", errors="replace")
    try:
        return SubmissionForm.model_validate({name: text.strip() for name, text in sent.items() if text.strip()})
    except ValidationError as error:
        found = error.errors()[0]
        raise _refusal(str(found["loc"][0]), found["type"], sizes) from None


def recipe_choice(name: str, options: str) -> RecipeChoice | None:
    """The name, or the recipe in `options`, or None for neither; raises `ApiError` for both."""
    # An empty object is what a form or a page sends that leaves the recipe to us.
    if options in {"", "{}"}:
        return name or None
    if name:
        raise ApiError(RecipeCode.RECIPE_AND_OPTIONS)
    return inline_recipe(options.encode())


def _refusal(field: str, problem: str, sizes: ChunkSizes) -> ApiError:
    if field == "batch_name":
        code = _NAME_PROBLEMS.get(problem, UploadCode.BATCH_NAME_UNREADABLE)
        return ApiError(code, limit=MAX_NAME_CHARACTERS)
    if field == "chunk_size":
        return _chunk_size_invalid(sizes)
    code, details = _PROBLEMS[field]
    return ApiError(code, details=details, choices=", ".join(PRIORITIES))


def _chunk_size_invalid(sizes: ChunkSizes) -> ApiError:
    details = {"lowest": 1, "highest": sizes.limit}
    return ApiError(UploadCode.CHUNK_SIZE_INVALID, limit=sizes.limit, details=details)
