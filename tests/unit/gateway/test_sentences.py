"""Every code has a sentence in both languages."""

import re
from pathlib import Path

import services.gateway
from services.gateway.answers.errors import ApiError, http_status, quoted
from services.gateway.answers.sentences import codes, sentence

FOLDER = Path(next(iter(services.gateway.__path__)))
HANGUL = re.compile("[가-힣]")
VALUES = {
    "total": 7,
    "limit": 9,
    "choices": "a, b",
    "field": "f",
    "name": "n",
    "last": 3,
    "seconds": 60,
    "problem": "7",
}


def test_every_sentence_is_there_in_both_languages() -> None:
    """Korean ones have Korean letters and English ones none, and all values find their place."""
    for code in codes():
        korean, english = sentence(code, "ko", VALUES), sentence(code, "en", VALUES)
        assert HANGUL.search(korean), code
        assert not HANGUL.search(english), code
        assert "{" not in korean + english, code


def test_every_code_that_is_refused_with_has_a_sentence() -> None:
    """Found in the gateway's own source."""
    source = "\n".join(path.read_text() for path in FOLDER.rglob("*.py"))
    refused = set(re.findall(r'ApiError\(\s*"([a-z_]+)"', source))
    assert refused
    assert refused <= set(codes())


def test_values_are_never_taken_for_places() -> None:
    """A file name with braces is only a file name."""
    assert "{limit}" in sentence("empty_file", "en", {"name": "{limit}"})


def test_a_refusal_is_a_client_error_unless_it_is_ours() -> None:
    """The 5xx are those that the client cannot mend."""
    ours = {code for code in codes() if http_status(code) >= 500}
    full = {"too_many_uploads", "too_many_downloads", "backlog_too_old"}
    assert ours == full | {"not_ready", "temporarily_unavailable", "internal_error"}
    assert str(ApiError("no_files")) == "no_files"


def test_quotations_are_short() -> None:
    """However long a client's text is."""
    assert quoted("x" * 80) == "x" * 80
    assert quoted("x" * 5000) == "x" * 79 + "…"
