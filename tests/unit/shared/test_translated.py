"""Texts in two languages."""

from shared.translated import Translated, TranslatedCode

GREETING = Translated("안녕 {name}", "Hello {name}")


class Word(TranslatedCode):
    """A small catalogue."""

    YES = "yes", "네", "yes"


def test_values_are_filled_in() -> None:
    """In either language."""
    assert GREETING.in_language("ko", {"name": "a"}) == "안녕 a"
    assert GREETING.in_language("en", {"name": "a"}) == "Hello a"


def test_values_are_never_taken_for_places() -> None:
    """A file name with braces is only a file name."""
    assert GREETING.in_language("en", {"name": "{limit}"}) == "Hello {limit}"


def test_translated_values_are_filled_in_in_the_same_language() -> None:
    """Their own braces stay as they are: they are texts by then."""
    assert GREETING.in_language("ko", {"name": Translated("{가}", "{a}")}) == "안녕 {가}"


def test_a_code_is_equal_to_its_text_for_programs() -> None:
    """And is found by it."""
    assert str(Word.YES) == "yes"
    assert Word.of_code("yes") is Word.YES
    assert Word.of_code("no") is None
    assert Word.of_code(None) is None
