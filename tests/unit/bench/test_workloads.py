"""What the contenders are given, and how each handles a small part of it without servers."""

from pathlib import Path

import pytest

from bench.contender import ContenderFailedError
from bench.noop_engine import NoopEngine
from bench.photographs import noop_file, twelve_megapixel_photographs
from bench.print_folder import develop_into_folder
from bench.waiting import wait_for
from bench.workloads import RECIPE, Workload
from examples.sample_photographs import write_sample_photographs
from shared.image_types import recognise


def test_files_are_taken_in_turn_until_there_are_enough() -> None:
    """Five images of two files, and three to warm up with."""
    one, two = Path("one.jpg"), Path("two.jpg")
    workload = Workload.of("photographs", [one, two], 5, 3)

    assert workload.originals == (one, two, one, two, one)
    assert workload.warm_up == (one, two, one)
    assert workload.develops


def test_the_noop_file_is_one_that_the_gateway_takes(tmp_path: Path) -> None:
    """It is made once and used for ever."""
    path = noop_file(tmp_path / "cache")

    assert recognise(path.read_bytes()) == "jpeg"
    assert noop_file(tmp_path / "cache") == path


async def test_the_noop_engine_makes_nothing_of_whatever_it_gets() -> None:
    """So that only what surrounds it costs time."""
    begun = []

    async def may_begin() -> None:
        begun.append("asked")

    developed = await NoopEngine().develop(b"no image at all", RECIPE, may_begin)

    assert developed.outputs == ()
    assert begun == ["asked"]


def test_photographs_that_were_prepared_are_not_fetched_again(tmp_path: Path) -> None:
    """The cache is what makes a second run start at once."""
    prepared = tmp_path / "twelve-megapixels"
    prepared.mkdir()
    (prepared / "one.jpg").touch()

    assert twelve_megapixel_photographs(tmp_path) == [prepared / "one.jpg"]


def test_a_photograph_is_developed_into_a_folder_of_its_own(tmp_path: Path) -> None:
    """The recipe's two prints, as the bare pool and the Celery design write them."""
    [photograph] = write_sample_photographs(tmp_path, count=1, megapixels=0.05)
    develop_into_folder(photograph, tmp_path / "prints" / "0")

    assert sorted(path.name for path in (tmp_path / "prints" / "0").iterdir()) == ["thumbnail.jpg", "web.jpg"]


def test_waiting_ends_with_what_was_looked_for_or_at_the_deadline() -> None:
    """A contender that never finishes does not hold up the bench."""
    assert wait_for("a thing", lambda: "found", {}, 0.0) == "found"
    with pytest.raises(ContenderFailedError, match="a thing: not within 0 s"):
        wait_for("a thing", lambda: None, {}, 0.0)
