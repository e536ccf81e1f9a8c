"""Every stable code has a sentence in each language, and every error the HTTP status that fits."""

import re
from http import HTTPStatus

import pytest

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.errors import ApiError, ErrorCode, quoted
from services.gateway.answers.proof_codes import ProofCode
from services.gateway.answers.recipe_codes import RecipeCode
from services.gateway.answers.request_codes import RequestCode
from services.gateway.answers.statistics_codes import StatisticsCode
from services.gateway.answers.system_codes import SystemCode
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.collecting.contact_sheet_page import SheetWord
from shared.failure_codes import FailureCode
from shared.translated import TranslatedCode

CATALOGUES: tuple[type[ErrorCode], ...] = (
    BatchCode,
    DraftCode,
    ProofCode,
    RecipeCode,
    RequestCode,
    StatisticsCode,
    SystemCode,
    UploadCode,
)
ERRORS: list[ErrorCode] = [code for catalogue in CATALOGUES for code in catalogue]
EVERYTHING: list[TranslatedCode] = [*ERRORS, *FailureCode, *SheetWord]


@pytest.mark.parametrize("code", EVERYTHING)
def test_korean_has_korean_letters_and_english_none(code: TranslatedCode) -> None:
    """No text stands in the other's place."""
    assert re.search("[가-힣]", code.text.korean)
    assert not re.search("[가-힣]", code.text.english)


@pytest.mark.parametrize("code", EVERYTHING)
def test_both_languages_have_the_same_places_for_values(code: TranslatedCode) -> None:
    """Whatever is filled into one is filled into the other."""
    places = [sorted(re.findall(r"\{\w*\}", text)) for text in (code.text.korean, code.text.english)]
    assert places[0] == places[1]


@pytest.mark.parametrize("code", [*ERRORS, *FailureCode])
def test_errors_and_failures_are_whole_sentences(code: TranslatedCode) -> None:
    """They end, unless the end is filled in."""
    assert code.text.korean.endswith((".", "}"))
    assert code.text.english.endswith((".", "}"))


def test_no_code_means_two_errors() -> None:
    """The catalogues are read by programs as one."""
    assert len(set(ERRORS)) == len(ERRORS)


def test_an_error_is_the_clients_unless_it_is_ours() -> None:
    """The 5xx are those that the client cannot mend."""
    full = {"too_many_uploads", "too_many_downloads", "too_many_comparisons", "too_many_proofs", "backlog_too_old"}
    ours = {code for code in ERRORS if code.status >= HTTPStatus.INTERNAL_SERVER_ERROR}
    assert ours == full | {"not_ready", "temporarily_unavailable", "internal_error"}


def test_an_error_is_named_by_its_code() -> None:
    """In logs and in tracebacks."""
    assert str(ApiError(UploadCode.NO_FILES)) == "no_files"


def test_quotations_are_short() -> None:
    """However long a client's text is."""
    assert quoted("x" * 80) == "x" * 80
    assert quoted("x" * 5000) == "x" * 79 + "…"
