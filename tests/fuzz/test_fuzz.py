"""A short run of the fuzzing, and proof that it would notice."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import get_args

import pytest

from services.worker.children.limits import ChildLimits
from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.image_types import ImageFormat
from shared.recipes import Recipe
from tests.fuzz import judging
from tests.fuzz.child import DIED, HUNG, JudgingChild
from tests.fuzz.judging import GOOD, WRONG, develop_and_judge
from tests.fuzz.mutations import mutated
from tests.fuzz.recipes import FUZZED_RECIPES
from tests.fuzz.run import FAULTS, accepted_seeds, cases, fuzz
from tests.fuzz.seeds import seed_files

CASES = 600
WEB = FUZZED_RECIPES[0]


async def test_damaged_files_give_prints_or_a_named_failure() -> None:
    """And no child dies; `make fuzz` goes on for longer."""
    report = await fuzz(seed=20_261_126, limit=CASES)
    assert report.ends.total() == CASES
    assert [(case.number, end, detail) for case, end, detail in report.faults] == []
    assert {name for name, end in report.ends if end == GOOD} == set(accepted_seeds())
    assert {name for name, end in report.ends if end == "unreadable"} == set(accepted_seeds())


def test_every_accepted_format_has_seeds() -> None:
    """One that is taken later is fuzzed from then on, or this says so."""
    assert set(accepted_seeds()) == set(get_args(ImageFormat))


@pytest.mark.parametrize("name", accepted_seeds())
@pytest.mark.parametrize("recipe", FUZZED_RECIPES, ids=[recipe.name for recipe in FUZZED_RECIPES])
def test_undamaged_seeds_give_prints(name: str, recipe: Recipe) -> None:
    """Or mutations would start from files that are rejected at the door."""
    for data in seed_files()[name]:
        assert develop_and_judge(ImageBytes(data), recipe, ImageLimits()) == (GOOD, "")


def test_a_case_is_the_same_each_time() -> None:
    """Its number and the seed are enough to see it again."""
    first = [next(cases(7, number)).data for number in range(8)]
    assert [case.data for case, _ in zip(cases(7), range(8), strict=False)] == first
    assert len({next(cases(8, number)).data for number in range(8)} - set(first)) > 5


def test_mutations_damage_what_checksums_would_catch() -> None:
    """A blind change of a PNG's pixels fails its checksum or its inflating, and goes no further."""
    (data, *_) = seed_files()["png"]
    damaged = [mutated(data, [data], Random(number)) for number in range(200)]
    ends = [develop_and_judge(ImageBytes(each), WEB, ImageLimits())[0] for each in damaged if each != data]
    assert ends.count(GOOD) > 10


@pytest.mark.parametrize(("work", "end"), [("die", DIED), ("hang", HUNG)])
async def test_children_that_die_or_hang_are_noticed(work: str, end: str) -> None:
    """Each at its first image: nothing is tried again."""
    limits = ChildLimits(image_timeout_seconds=1)
    async with JudgingChild(limits, f"tests.fuzz.test_fuzz:{work}") as child:
        assert (await child.judge(b"", WEB))[0] == end
    assert end in FAULTS


def die(*_: object) -> None:
    """End the child."""
    os.abort()


def hang(*_: object) -> None:
    """Never answer."""
    signal.pause()


@pytest.mark.parametrize(
    "lie",
    [
        lambda made: replace(made, outputs=tuple(reversed(made.outputs))),
        lambda made: replace(made, outputs=made.outputs[:1]),
        lambda made: replace(made, outputs=(replace(made.outputs[0], width=1), *made.outputs[1:])),
        lambda made: replace(made, outputs=(replace(made.outputs[0], media_type="image/png"), *made.outputs[1:])),
    ],
    ids=["order", "missing", "size", "type"],
)
def test_prints_that_are_not_what_they_say_are_noticed(
    lie: Callable[[DevelopedImage], DevelopedImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A print is opened again before it counts."""
    monkeypatch.setattr(judging, "develop_image", lambda *arguments: lie(develop_image(*arguments)))
    assert develop_and_judge(ImageBytes(seed_files()["png"][0]), WEB, ImageLimits())[0] == WRONG


def test_a_fault_of_ours_is_noticed_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is what the finder of it needs."""
    monkeypatch.setattr("services.worker.imaging.developing.encode", lambda *_: 1 // 0)
    end, detail = develop_and_judge(ImageBytes(seed_files()["png"][0]), WEB, ImageLimits())
    assert end == "crashed"
    assert end in FAULTS
    assert "ZeroDivisionError" in detail
