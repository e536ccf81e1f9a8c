"""Errors that came together."""

from typing import Any

from shared.errors import DarkroomError, PermanentError, TransientError, leaves


def test_every_single_error_of_a_group_is_found() -> None:
    """In the groups within it as well, in order."""
    first, second, third = TransientError("a"), PermanentError("b"), DarkroomError("c")
    innermost: Any = ExceptionGroup("innermost", [third])
    inner: Any = ExceptionGroup("inner", [second, innermost])
    assert list(leaves(ExceptionGroup("outer", [first, inner]))) == [first, second, third]
