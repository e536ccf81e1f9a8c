"""The solution of a few normal equations in which no unknown may be negative."""

from collections.abc import Sequence

Row = Sequence[float]


def nonnegative_solution(matrix: Sequence[Row], right: Row) -> list[float]:
    """Solve `matrix * x = right`, the matrix positive definite; what would be negative is 0, and the rest fits that."""
    kept = list(range(len(right)))
    while kept:
        found = _solved([[matrix[row][column] for column in kept] for row in kept], [right[row] for row in kept])
        negative = {place for place, value in zip(kept, found, strict=True) if value < 0}
        if not negative:
            values = dict(zip(kept, found, strict=True))
            return [values.get(place, 0.0) for place in range(len(right))]
        kept = [place for place in kept if place not in negative]
    return [0.0] * len(right)


def _solved(matrix: Sequence[Row], right: Row) -> list[float]:
    """Eliminate; a positive definite matrix needs no exchange of rows."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for step, pivot in enumerate(rows):
        for row in rows[step + 1 :]:
            ratio = row[step] / pivot[step]
            for column in range(step, len(row)):
                row[column] -= ratio * pivot[column]
    solution = [0.0] * len(rows)
    for step in reversed(range(len(rows))):
        known = sum(rows[step][place] * solution[place] for place in range(step + 1, len(rows)))
        solution[step] = (rows[step][-1] - known) / rows[step][step]
    return solution
