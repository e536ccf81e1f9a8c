"""The little solver."""

import random

import pytest

from shared.costs.least_squares import nonnegative_solution


def test_it_solves_what_has_a_solution_without_negative_values() -> None:
    """Exactly."""
    matrix = [[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]]
    truth = [1.0, 2.0, 0.25]
    right = [sum(value * one for value, one in zip(row, truth, strict=True)) for row in matrix]
    assert nonnegative_solution(matrix, right) == pytest.approx(truth)


def test_what_would_be_negative_is_zero_and_the_rest_fits_that() -> None:
    """Not merely cut off: the first unknown alone is 1/2, and not what it was beside the second."""
    assert nonnegative_solution([[2.0, 1.0], [1.0, 2.0]], [1.0, -3.0]) == pytest.approx([0.5, 0.0])


def test_where_everything_would_be_negative_nothing_is_left() -> None:
    """And nothing raises."""
    assert nonnegative_solution([[1.0, 0.0], [0.0, 1.0]], [-1.0, -1.0]) == [0.0, 0.0]


def test_no_value_is_ever_negative() -> None:
    """Random positive definite equations of four unknowns."""
    chance = random.Random(3)
    for _ in range(300):
        rows = [[chance.gauss(0, 1) for _ in range(4)] for _ in range(4)]
        matrix = [[sum(a * b for a, b in zip(r, s, strict=True)) + (r is s) for s in rows] for r in rows]
        assert min(nonnegative_solution(matrix, [chance.gauss(0, 2) for _ in range(4)])) >= 0
