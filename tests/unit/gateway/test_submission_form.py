"""What an upload's text fields may say."""

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.uploading.submission_form import ChunkSizes, SubmissionForm, read_form
from shared.documents import DEFAULT_FAILURE_SAMPLE, FailureThreshold
from shared.recipes import PngOutput, Recipe

SIZES = ChunkSizes(default=10, limit=1000)


def form(**fields: bytes) -> SubmissionForm:
    """The form with a good name and these fields."""
    return read_form({"batch_name": b"holiday", **fields}, SIZES)


def test_only_a_name_is_needed() -> None:
    """The rest has defaults."""
    read = form()
    assert (read.batch_name, read.size_of_chunks(SIZES), read.recipe_choice) == ("holiday", 10, "web")
    assert (read.priority, read.threshold) == ("normal", None)


def test_every_field_is_taken() -> None:
    """Whitespace around a value does not matter."""
    read = form(batch_name="  제주 ".encode(), chunk_size=b" 25 ", recipe=b"web-webp", priority=b"high")
    assert (read.batch_name, read.size_of_chunks(SIZES), read.recipe_choice) == ("제주", 25, "web-webp")
    assert read.priority == "high"


def test_a_field_left_blank_counts_as_not_sent() -> None:
    """As web forms send it."""
    read = form(chunk_size=b"", recipe=b" ", priority=b"", failure_threshold=b" ", failure_sample=b"")
    assert (read.chunk_size, read.recipe_choice, read.priority, read.threshold) == (None, "web", "normal", None)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (b"", "batch_name_missing"),
        (b" \t ", "batch_name_missing"),
        (b"x" * 201, "batch_name_too_long"),
        (b"x" * 10_240, "batch_name_too_long"),
        (b"\xff\xfe", "batch_name_unreadable"),
        (b"a\x00b", "batch_name_unreadable"),
        (b"\x1b[31mred", "batch_name_unreadable"),
    ],
)
def test_a_bad_name_is_refused(name: bytes, code: str) -> None:
    """Each with its own code."""
    with pytest.raises(ApiError) as refused:
        form(batch_name=name)
    assert refused.value.code == code


def test_200_characters_of_any_script_are_a_good_name() -> None:
    """Characters count, not bytes."""
    assert form(batch_name=("한" * 200).encode()).batch_name == "한" * 200


@pytest.mark.parametrize("size", [b"0", b"-1", b"x", b"1.5", b"1001", b"9" * 5000, "٣".encode(), b"1e2", b"\xff"])
def test_a_bad_chunk_size_is_refused(size: bytes) -> None:
    """Anything but a whole number within the limits."""
    with pytest.raises(ApiError) as refused:
        form(chunk_size=size).size_of_chunks(SIZES)
    assert refused.value.code == "chunk_size_invalid"
    assert refused.value.details == {"lowest": 1, "highest": 1000}


def test_options_are_a_recipe() -> None:
    """In the place of a name; blank ones count as not sent."""
    assert form(options=b' {"outputs": [{"name": "p", "format": "png"}]} ', recipe=b" ").recipe_choice == Recipe(
        outputs=(PngOutput(name="p"),)
    )
    assert form(options=b" ", recipe=b"social").recipe_choice == "social"


@pytest.mark.parametrize("options", [b"{", b"\xff", b"[]", b'{"outputs": [{"name": "p"}]}'])
def test_bad_options_are_refused(options: bytes) -> None:
    """With the places for programs."""
    with pytest.raises(ApiError) as refused:
        _ = form(options=options).recipe_choice
    assert refused.value.code == "recipe_invalid"
    assert all({"loc", "field", "type", "problem", "sentence"} == set(problem) for problem in refused.value.details)


def test_options_beside_a_recipe_are_refused() -> None:
    """Nobody could say which is meant."""
    with pytest.raises(ApiError) as refused:
        _ = form(options=b'{"outputs": []}', recipe=b"web").recipe_choice
    assert refused.value.code == "recipe_and_options"


def test_an_unknown_priority_is_answered_with_the_choices() -> None:
    """So that the next try succeeds."""
    with pytest.raises(ApiError) as refused:
        form(priority=b"sepia")
    assert refused.value.code == "priority_unknown"
    assert refused.value.details["choices"]


@pytest.mark.parametrize("text", ["20", "12.5", "100", "100.000", "0.000001", "007"])
def test_a_failure_threshold_is_a_percentage(text: str) -> None:
    """Looked at after a few images unless the form says how many."""
    percent = float(text)
    assert form(failure_threshold=text.encode()).threshold == FailureThreshold(
        percent=percent, sample=DEFAULT_FAILURE_SAMPLE
    )
    read = form(failure_threshold=f" {text} ".encode(), failure_sample=b" 5 ")
    assert read.threshold == FailureThreshold(percent=percent, sample=5)


@pytest.mark.parametrize(
    "text", ["0", "0.0", "100.1", "101", "-5", "20%", "x", "nan", "inf", "1e1", "0x10", ".5", "5.", "٢٠", "9" * 5000]
)
def test_a_bad_failure_threshold_is_refused(text: str) -> None:
    """Anything but a plain number above 0 and up to 100."""
    with pytest.raises(ApiError) as refused:
        form(failure_threshold=text.encode())
    assert refused.value.code == "failure_threshold_invalid"
    assert refused.value.details == {"above": 0, "highest": 100}


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", "1000000001", "9" * 5000, "٢"])
def test_a_bad_failure_sample_is_refused(text: str) -> None:
    """Anything but a whole number from 1."""
    with pytest.raises(ApiError) as refused:
        form(failure_threshold=b"20", failure_sample=text.encode())
    assert refused.value.code == "failure_sample_invalid"


def test_a_failure_sample_without_a_threshold_is_refused() -> None:
    """It would mean nothing, and whoever sent it meant something."""
    with pytest.raises(ApiError) as refused:
        _ = form(failure_sample=b"5").threshold
    assert refused.value.code == "failure_sample_invalid"


@pytest.mark.parametrize("options", [b"{}", b" {}\n"])
def test_empty_options_are_none(options: bytes) -> None:
    """What a page sends that leaves the recipe to us."""
    assert form(options=options).recipe_choice == "web"
    assert form(options=options, recipe=b"web-webp").recipe_choice == "web-webp"


def test_options_may_begin_with_a_byte_order_mark() -> None:
    """As editors on Windows save text."""
    options = b"\xef\xbb\xbf" + b'{"outputs": [{"name": "p", "format": "png"}]}'
    assert isinstance(form(options=options).recipe_choice, Recipe)
