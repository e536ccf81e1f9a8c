"""What a worker takes for a child's answer, and what not. Real hostile children: tests/integration/worker."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.worker.children.limits import ChildLimits
from services.worker.children.protocol import (
    Developed,
    Rejected,
    WrongAnswerError,
    check_developed,
    dump_answer,
    read_answer,
)
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.prints import DevelopedImage, encoded_print
from shared.documents import Place, Quality, Readings
from shared.failure_codes import FailureCode
from shared.recipes import BUILT_IN_RECIPES, AvifOutput, Recipe

WEB = BUILT_IN_RECIPES["web"]
LIMITS = ChildLimits()
READINGS = Readings(
    exif={"Model": "X100V", "FNumber": 2.0, "ISO": 200, "Lens": (23, 23.5), "Title": "출구\n"},
    gps=Place(latitude=33.489, longitude=-0.0),
    quality=Quality(sharpness=1e20, brightness=0.1 + 0.2, dark_share=1e-7, bright_share=0.0),
    steps={"read_text": {"text": "출구", "sure": True, "share": 1.0, "count": 1, "none": None, "lines": (1, 2.0, "x")}},
)
PRINTS = tuple(encoded_print(output, (4, 3), b"abc") for output in WEB.outputs)
DEVELOPED = DevelopedImage(PRINTS, 40, 30, "jpeg", {"decode": 0.123}, ("icc_ignored",), 1, READINGS, 130)
SIMPLE = replace(DEVELOPED, readings=READINGS.model_copy(update={"quality": None}))
GOOD: dict[str, Any] = json.loads(dump_answer(Developed.announcing(SIMPLE)))
"""Without numbers that the standard library writes in another way."""

Wrong = Callable[[dict[str, Any]], object]


def dumped(answer: Any) -> bytes:
    """Give JSON as a child writes it."""
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()


def test_an_honest_answer_comes_through_whole() -> None:
    """Numbers, Hangul, line breaks and all; the prints' types are those of the recipe."""
    answer = read_answer(dump_answer(Developed.announcing(DEVELOPED)))
    assert isinstance(answer, Developed)
    check_developed(answer, WEB, LIMITS)
    assert answer.with_prints(PRINTS) == DEVELOPED


def test_a_rejection_comes_through_with_its_traceback_cut() -> None:
    """Bytes that are no text in it are replaced, as JSON has none."""
    rejected = ImageRejected(FailureCode.STEP_FAILED, "no such file: \udcff")
    rejected.add_note("x" * 100_000 + "ValueError")
    answer = read_answer(dump_answer(Rejected.of(rejected, 12)))
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.message, answer.cpu_ms) == ("step_failed", "no such file: ?", 12)
    assert answer.traceback.endswith("ValueError")
    assert len(answer.traceback) == 4000


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "executed"},
        {"command": "import os"},
        {"readings": {**GOOD["readings"], "shell": "true"}},
        {"readings": {**GOOD["readings"], "gps": {**GOOD["readings"]["gps"], "shell": "true"}}},
        {"timings_ms": {"decode": float("nan")}},
        {"timings_ms": {"decode": float("inf")}},
        {"timings_ms": {"decode": -1.0}},
        {"timings_ms": {"decode": 1e300}},
        {"timings_ms": {"x" * 81: 1.0}},
        {"timings_ms": {"$where": 1.0}},
        {"timings_ms": {str(number): 1.0 for number in range(1000)}},
        {"readings": {**GOOD["readings"], "exif": {"FNumber": float("nan")}}},
        {"cpu_ms": -1},
        {"cpu_ms": 10**9},
        {"cpu_ms": 1.0},
        {"width": -1},
        {"width": 1.0},
        {"width": "1"},
        {"width": True},
        {"width": None},
        {"height": 0},
        {"format": "html"},
        {"frames": 10**9},
        {"notes": ["<script>"]},
        {"prints": {}},
        {"prints": [{**GOOD["prints"][0], "size_bytes": -1}]},
        {"prints": [{**GOOD["prints"][0], "size_bytes": 0}]},
        {"prints": [{**GOOD["prints"][0], "size_bytes": 2.5}]},
        {"prints": [{**GOOD["prints"][0], "media_type": "text/html"}]},
    ],
    ids=lambda change: dumped(change).decode()[:60],
)
def test_what_no_honest_child_writes_is_a_wrong_answer(change: dict[str, Any]) -> None:
    """Unknown fields and numbers that are none, at any depth; and nothing is bent into shape."""
    assert isinstance(read_answer(dumped(GOOD)), Developed)
    with pytest.raises(WrongAnswerError):
        read_answer(dumped(GOOD | change))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"developed",
        b"\x80\x05K\x01.",
        b'{"kind":' + b"[" * 15_000,
        b'{"kind":' * 5000,
        b'{"kind":"ready" }',
        b'{"kind":"ready","kind":"ready"}',
        b'{"kind":"rejected","code":"paid","message":"x","traceback":""}',
        b'{"kind":"rejected","code":"unreadable","message":"' + b"x" * 1001 + b'","traceback":""}',
        b'{"kind":"rejected","code":"unreadable","message":"\xff","traceback":""}',
    ],
    ids=lambda text: repr(text[:40]),
)
def test_what_is_no_answer_is_a_wrong_one(text: bytes) -> None:
    """However it is written."""
    with pytest.raises(WrongAnswerError):
        read_answer(text)


@pytest.mark.parametrize(
    "change",
    [
        lambda good: good["prints"].reverse(),
        lambda good: good["prints"].pop(),
        lambda good: good["prints"].append(good["prints"][0]),
        lambda good: good["prints"].clear(),
        lambda good: good["prints"][0].update(output="../../etc/passwd"),
        lambda good: good["prints"][0].update(width=16_384),
        lambda good: good["prints"][0].update(width=16_000, height=16_000),
        lambda good: good["prints"][0].update(size_bytes=2**62),
        lambda good: [announced.update(size_bytes=LIMITS.child_file_bytes * 2 // 3) for announced in good["prints"]],
        lambda good: good.update(width=LIMITS.max_side + 1),
        lambda good: good.update(width=30_000, height=30_000),
    ],
    ids=[
        "in another order",
        "one too few",
        "one too many",
        "none",
        "another name",
        "too wide",
        "too large",
        "too many bytes",
        "too many bytes together",
        "too long an original",
        "too large an original",
    ],
)
def test_what_was_not_asked_for_is_a_wrong_answer(change: Wrong) -> None:
    """Names, number, sizes and bytes of the prints are held against the recipe and the limits."""
    good = json.loads(dumped(GOOD))
    change(good)
    answer = read_answer(dumped(good))
    assert isinstance(answer, Developed)
    with pytest.raises(WrongAnswerError):
        check_developed(answer, WEB, LIMITS)


def test_an_avif_has_a_limit_of_its_own() -> None:
    """As in the image code."""
    recipe = Recipe(outputs=(AvifOutput(name="small"),))
    print_ = {**GOOD["prints"][0], "output": "small", "width": 4000, "height": 4000}
    answer = read_answer(dumped(GOOD | {"prints": [print_]}))
    assert isinstance(answer, Developed)
    check_developed(answer, recipe, LIMITS)
    with pytest.raises(WrongAnswerError):
        check_developed(answer, recipe, ChildLimits(max_avif_pixels=4000 * 4000 - 1))
