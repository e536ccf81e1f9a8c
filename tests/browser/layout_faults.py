"""Faults of a layout that are found by its structure: pure checks of what is drawn where."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel

COLLECT_BOXES = (Path(__file__).parent / "boxes.js").read_text()
"""Gives the boxes of a page, as a script that the page runs."""

LEAST_TARGET = 24
"""Pixels that a finger or a shaking hand needs, each way (WCAG 2.2, 2.5.8)."""

SLACK = 2.0
"""Pixels by which boxes may cross: letters fill theirs up to the edge nowhere."""


class Box(BaseModel):
    """A line of text or a control; left, top, right and bottom in CSS pixels of the document."""

    id: int
    """Lines of one text and of one control have the same."""
    kind: str
    name: str
    whole: tuple[float, float, float, float]
    seen: tuple[float, float, float, float]
    """What nothing around it cuts off."""
    inside: tuple[int, ...]
    """The controls that it is a part of."""
    layer: str
    """What lies above the page on purpose: a header that stays, a dialog; empty for the page itself."""
    may_be_cut: bool = False
    in_sentence: bool = False


def layout_faults(boxes: Iterable[Box]) -> list[str]:
    """Every fault, in a line each."""
    drawn = sorted(boxes, key=lambda box: box.seen[1])
    return [*_overlaps(drawn), *_small_targets(drawn), *_cut_texts(drawn)]


def _overlaps(boxes: list[Box]) -> Iterator[str]:
    """From the top downwards, so that each is compared only with those that begin beside it."""
    tops = [box.seen[1] for box in boxes]
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 : bisect_left(tops, one.seen[3])]:
            if _are_apart(one, other) and _cross(one, other):
                yield f"{one.name} and {other.name} overlap: {_rounded(one.seen)} {_rounded(other.seen)}"


def _are_apart(one: Box, other: Box) -> bool:
    return one.id != other.id and one.layer == other.layer and one.id not in other.inside and other.id not in one.inside


def _cross(one: Box, other: Box) -> bool:
    width = min(one.seen[2], other.seen[2]) - max(one.seen[0], other.seen[0])
    height = min(one.seen[3], other.seen[3]) - max(one.seen[1], other.seen[1])
    return width > SLACK and height > SLACK


def _small_targets(boxes: list[Box]) -> Iterator[str]:
    for box in boxes:
        width, height = box.whole[2] - box.whole[0], box.whole[3] - box.whole[1]
        # A link within a sentence is as high as its line.
        if box.kind == "control" and not box.in_sentence and min(width, height) < LEAST_TARGET - 0.5:
            yield f"{box.name} is {width:.0f} by {height:.0f} px"


def _cut_texts(boxes: list[Box]) -> Iterator[str]:
    for box in boxes:
        is_cut = box.whole[2] - box.seen[2] > SLACK or box.seen[0] - box.whole[0] > SLACK
        if box.kind == "text" and is_cut and not box.may_be_cut:
            yield f"{box.name} is cut: {_rounded(box.seen)} of {_rounded(box.whole)}"


def _rounded(edges: tuple[float, ...]) -> list[int]:
    return [round(edge) for edge in edges]
