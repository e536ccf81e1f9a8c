"""Owners of failed images are told why in their language."""

from typing import get_args

from services.gateway.failure_sentences import failure_codes, failure_sentence
from services.worker.handlers import SENTENCES
from services.worker.imaging.failures import RejectionCode


def test_every_code_of_the_worker_has_a_korean_sentence() -> None:
    """A new code needs one; those of older versions keep theirs, as their images are still listed."""
    present = {*get_args(RejectionCode), *SENTENCES, "original_missing", "internal_error"}
    assert present | {"documents_unavailable"} == set(failure_codes())


def test_korean_unless_english_is_preferred() -> None:
    """The worker's sentence says more, and is English; a code that is not known keeps it."""
    assert failure_sentence("timeout", "It took too long.", "en") == "It took too long."
    assert "시간" in str(failure_sentence("timeout", "It took too long.", "ko"))
    assert failure_sentence("newer_code", "It was new.", "ko") == "It was new."
    assert failure_sentence(None, None, "ko") is None
