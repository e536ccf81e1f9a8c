import asyncio
import errno
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Self

import pytest

from darkroom import develop as develop_module
from darkroom.develop import Developed, develop
from darkroom.photographs import Photograph
from services.worker.imaging.failures import ImageRejected
from shared.documents import Batch
from shared.failure_codes import FailureCode
from shared.recipes import BUILT_IN_RECIPES
from shared.running.lifecycle import Stopping
from tests.fakes import DEADLINE_SECONDS, FakeImageEngine, until

RECIPE = BUILT_IN_RECIPES["web"]


class FakeChildren(FakeImageEngine):
    """The engine as `develop` opens it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeChildren]:
    """Takes the place of the children."""
    engine = FakeChildren()
    monkeypatch.setattr(develop_module, "started_children", lambda _limits: engine)
    monkeypatch.setenv("DARKROOM_WORKER_CHILDREN", "2")
    yield engine
    assert engine.at_work == 0, "nothing goes on unowned"


def photographs(folder: Path, count: int) -> list[Photograph]:
    """So many files; their names differ from their bytes only in the suffix."""
    found = []
    for number in range(count):
        path = folder / f"photo {number:02}.jpg"
        path.write_bytes(path.stem.encode())
        found.append(Photograph(path, PurePath(path.stem)))
    return found


async def run(
    named: Sequence[Photograph],
    out: Path,
    stopping: Stopping | None = None,
    on_full: Callable[[], None] = lambda: None,
) -> tuple[list[Developed], list[Batch]]:
    """Develop; answers the results and the progress that was shown."""
    progress: list[Batch] = []
    async with asyncio.timeout(DEADLINE_SECONDS):
        results = await develop(named, out, RECIPE, progress.append, on_full, stopping or Stopping())
    return results, progress


async def test_every_photograph_is_developed_and_its_prints_lie_where_they_belong(
    engine: FakeChildren, tmp_path: Path
) -> None:
    """In the order in which they were named, over several chunks; the last progress is the end."""
    named = photographs(tmp_path, 25)
    results, progress = await run(named, tmp_path / "prints")
    assert [result.photograph for result in results] == named
    assert all(result.outcome and result.outcome.state == "completed" for result in results)
    assert results[7].prints == tuple(tmp_path / "prints" / name / "photo 07.jpg" for name in ("web", "thumbnail"))
    assert all(path.is_file() for result in results for path in result.prints)
    assert sorted(engine.developed) == [photograph.path.stem.encode() for photograph in named]
    assert (progress[-1].status, progress[-1].completed_images) == ("SUCCESS", 25)


async def test_a_bad_photograph_is_named_and_the_others_go_on(engine: FakeChildren, tmp_path: Path) -> None:
    """One rejected, one gone before it could be read."""
    engine.instead[b"photo 03"] = ImageRejected(FailureCode.UNREADABLE, "This is not an image.")
    named = photographs(tmp_path, 12)
    named[5].path.unlink()
    results, progress = await run(named, tmp_path / "prints")
    failed = {
        index: result.outcome.code for index, result in enumerate(results) if result.outcome and result.outcome.code
    }
    assert failed == {3: "unreadable", 5: "original_missing"}
    assert results[3].prints == ()
    assert (progress[-1].status, progress[-1].failed_images) == ("FAILURE", 2)


async def test_what_was_developed_when_told_to_stop_is_told(engine: FakeChildren, tmp_path: Path) -> None:
    """Images in hand are finished; whatever has a print is completed, the rest was not reached, none is missing."""
    stopping = Stopping()
    named = photographs(tmp_path, 200)
    engine.go_on.clear()
    running = asyncio.create_task(run(named, tmp_path / "prints", stopping))
    await until(lambda: engine.at_work > 0)
    stopping.set()
    engine.go_on.set()
    results, _ = await running
    assert len(results) == 200
    reached = {result.photograph.path.stem.encode() for result in results if result.outcome}
    assert reached == set(engine.developed)
    assert 0 < len(reached) < 200


@pytest.mark.usefixtures("engine")
async def test_a_full_disk_stops_the_run_and_leaves_no_half_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first print that finds no room, long before the tries of a transient failure are used up."""
    write, out, heard = Path.write_bytes, tmp_path / "prints", list[bool]()

    def write_some(path: Path, data: bytes) -> int:
        if path.is_relative_to(out / "thumbnail") and len(list((out / "web").glob("*.jpg"))) >= 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    named = photographs(tmp_path, 40)
    monkeypatch.setattr(Path, "write_bytes", write_some)
    results, _ = await run(named, out, on_full=lambda: heard.append(True))
    assert heard
    completed = {result.photograph.path.name for result in results if result.outcome}
    assert len(completed) < 40
    assert all(result.outcome.state == "completed" for result in results if result.outcome)
    for output in ("web", "thumbnail"):
        assert {path.name for path in (out / output).iterdir()} == completed
