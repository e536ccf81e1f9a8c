"""Owners of failed images are told why in their language."""

import re
from pathlib import Path

from services.worker.imaging.failures import ImageRejected
from shared.failure_codes import FailureCode, failure_sentence
from shared.image_types import UnfitFile, recognise

DOCUMENTED = Path(__file__).parents[3] / "docs" / "image-safety.md"


def test_every_code_is_documented() -> None:
    """And none that does not exist: the page's table is what programs are written against."""
    section = DOCUMENTED.read_text(encoding="utf-8").partition("## How an image fails")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == set(FailureCode)


def test_korean_unless_english_is_preferred() -> None:
    """The worker's sentence says more, and is English; a code that is not known keeps it."""
    assert failure_sentence("timeout", "It took too long.", "en") == "It took too long."
    assert failure_sentence("timeout", None, "en") == FailureCode.TIMEOUT.text.english
    assert "시간" in str(failure_sentence("timeout", "It took too long.", "ko"))
    assert failure_sentence("newer_code", "It was new.", "ko") == "It was new."
    assert failure_sentence(None, None, "ko") is None


def test_readers_of_english_are_advised_as_those_of_korean_are() -> None:
    """Each code's sentence is followed by what to do, also where something more exact is said than the code does."""
    assert {code for code in FailureCode if not code.advice} == {"empty_file"}
    for code in set(FailureCode) - {FailureCode.EMPTY_FILE}:
        assert ImageRejected(code).message == code.text.english
        assert ImageRejected.because(code, "It has 3.").message == f"It has 3. {code.advice}"
        assert code.text.english.endswith(f". {code.advice}")
    for file in (b"%PDF-1.7", b"\0\1" * 50):
        unfit = recognise(file)
        assert isinstance(unfit, UnfitFile)
        assert unfit.message.endswith(unfit.code.advice)


def test_another_try_may_mend_what_was_away() -> None:
    """And nothing that is the file's own, or the recipe's; the documentation names the same codes."""
    retryable = {code for code in FailureCode if code.retryable}
    assert retryable == {"storage_unavailable", "documents_unavailable", "child_not_started", "internal_error"}
    sentence = re.search(r"^`retryable` is true for (.+)\.$", DOCUMENTED.read_text(encoding="utf-8"), re.MULTILINE)
    assert sentence is not None
    assert set(re.findall("`([a-z_]+)`", sentence[1])) == retryable
