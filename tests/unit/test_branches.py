import pytest

from tests.branches import check


def totals(covered: int, branches: int) -> dict[str, float]:
    """What coverage's JSON report says of branches."""
    return {
        "covered_branches": covered,
        "num_branches": branches,
        "percent_branches_covered": 100 * covered / branches,
    }


def test_enough_branches_are_a_sentence() -> None:
    """With the share, which may be exactly the least."""
    assert check(totals(950, 1000), 95) == "branches: 950 of 1000 ran, 95.0 %"


def test_too_few_branches_end_the_run() -> None:
    """Also where rounding would make them enough."""
    with pytest.raises(SystemExit, match=r"9499 of 10000 ran, 95\.0 %; at least 95 % must"):
        check(totals(9499, 10000), 95)
