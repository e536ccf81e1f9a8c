"""Errors that came together."""

from shared.errors import DarkroomError, PermanentError, TransientError, leaves

Errors = list[DarkroomError | ExceptionGroup[DarkroomError]]


def test_every_single_error_of_a_group_is_found() -> None:
    """In the groups within it as well, in order."""
    first, second, third = TransientError("a"), PermanentError("b"), DarkroomError("c")
    innermost: Errors = [third]
    inner: Errors = [second, ExceptionGroup("innermost", innermost)]
    outer: Errors = [first, ExceptionGroup("inner", inner)]
    assert list(leaves(ExceptionGroup("outer", outer))) == [first, second, third]
