"""Make an ICC profile of primaries and a transfer function (ICC.1:2022, sections 7 to 10)."""

import struct
from collections.abc import Sequence

Point = tuple[float, float]
"""A colour's x and y of CIE 1931."""

Matrix = Sequence[Sequence[float]]

_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def rgb_profile(primaries: Sequence[Point], white: Point, curve: Sequence[float]) -> bytes:
    """Give a profile of three primaries; `curve` is gamma alone or g, a, b, c, d of `(aX + b) ** g` and `cX` below d.

    Raises ZeroDivisionError where the primaries span no colours.
    """
    columns = _transposed(_adapted(_rgb_to_xyz(primaries, white), white))
    tags = {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)}
    return _profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(curve)))


def grey_profile(curve: Sequence[float]) -> bytes:
    """Give a profile for greys."""
    return _profile(b"GRAY", {b"kTRC": _curve(curve)})


def _rgb_to_xyz(primaries: Sequence[Point], white: Point) -> Matrix:
    columns = _transposed([_full(point) for point in primaries])
    shares = _applied(_inverse(columns), _full(white))
    return [[value * share for value, share in zip(row, shares, strict=True)] for row in columns]


def _adapted(matrix: Matrix, white: Point) -> Matrix:
    """Adapt to ICC's white, D50, by Bradford's cone responses."""
    cones, wanted = _applied(_BRADFORD, _full(white)), _applied(_BRADFORD, _D50)
    scaled = [[value * to / of for value in row] for row, to, of in zip(_BRADFORD, wanted, cones, strict=True)]
    return _product(_product(_inverse(_BRADFORD), scaled), matrix)


def _full(point: Point) -> tuple[float, float, float]:
    x, y = point
    return x / y, 1.0, (1 - x - y) / y


def _transposed(matrix: Matrix) -> Matrix:
    return list(zip(*matrix, strict=True))


def _applied(matrix: Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(factor * value for factor, value in zip(row, vector, strict=True)) for row in matrix]


def _product(left: Matrix, right: Matrix) -> Matrix:
    return _transposed([_applied(left, column) for column in _transposed(right)])


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    adjugate = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * adjugate[0][0] + b * adjugate[1][0] + c * adjugate[2][0]
    return [[value / determinant for value in row] for row in adjugate]


def _fixed(values: Sequence[float]) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65_536) for value in values))


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _curve(parameters: Sequence[float]) -> bytes:
    function = 0 if len(parameters) == 1 else 3
    return b"para\0\0\0\0" + struct.pack(">H2x", function) + _fixed(parameters)


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {b"wtpt": _xyz(_D50), **tags}
    # The header, the number of tags, and 12 bytes of the directory for each.
    offset = 128 + 4 + 12 * len(tags)
    directory, contents = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        directory += name + struct.pack(">2I", offset + len(contents), len(tag))
        contents += tag
    size = struct.pack(">I", offset + len(contents))
    header = size + b"\0\0\0\0\x04\x20\0\0mntr" + space + b"XYZ " + bytes(12) + b"acsp"
    # Nothing between the signature and the illuminant has to be said.
    return header.ljust(68, b"\0") + _fixed(_D50) + bytes(48) + directory + contents
