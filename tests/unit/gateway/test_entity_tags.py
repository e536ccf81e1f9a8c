"""If-None-Match as RFC 9110 has it."""

import pytest

from services.gateway.answers.entity_tags import is_named


@pytest.mark.parametrize("headers", [['"a"'], ['W/"a"'], ['"b", W/"a"'], ['"b"', '"a"'], ["*"], [" * "]])
def test_a_tag_is_named_alone_in_a_list_weakly_or_by_a_star(headers: list[str]) -> None:
    """Several headers are one list."""
    assert is_named('"a"', headers)


@pytest.mark.parametrize("headers", [[], ['"b", "ab", "a,b"'], ["a"], ['"b,a"'], ['"b" *']])
def test_other_tags_do_not_name_it(headers: list[str]) -> None:
    """Commas may stand in tags."""
    assert not is_named('"a"', headers)
