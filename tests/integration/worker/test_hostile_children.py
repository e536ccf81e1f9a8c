"""Children that an image has taken over, and a worker that stays whole."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from services.worker.children.limits import ChildLimits
from services.worker.children.pool import ImageChildren
from services.worker.imaging.failures import ImageRejected
from shared.recipes import BUILT_IN_RECIPES
from tests.integration.worker.hostile_answers import ANSWERS, SLOW
from tests.integration.worker.peak_memory import peak_megabytes

HERE = Path(__file__).parent
WEB = BUILT_IN_RECIPES["web"]
SLOW_LIMITS = ChildLimits(worker_children=1, image_timeout_seconds=1)
LIMITS = ChildLimits(worker_children=1)
PR_GET_DUMPABLE = 3


@pytest.fixture(autouse=True)
def _hostile_answers_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))


@pytest.fixture
async def children() -> AsyncIterator[ImageChildren]:
    """One child that answers as its images say."""
    async with ImageChildren(LIMITS, "hostile_answers:answer") as running:
        yield running


async def honest_child(children: ImageChildren) -> bytes:
    """Have an honest image developed, and give the child that did it."""
    return (await children.develop(b"honest", WEB)).outputs[0].data


def own_children() -> set[int]:
    """Give this process's children, zombies included."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="utf-8")
    return {int(pid) for pid in listed.split()}


@pytest.mark.parametrize("kind", sorted(ANSWERS.keys() - SLOW))
async def test_a_wrong_answer_is_a_crash_of_the_child(kind: str, children: ImageChildren, tmp_path: Path) -> None:
    """Nothing of it is executed, nothing of its length is held, the child is killed, and the next image is well."""
    marker = tmp_path / "executed"
    before = await honest_child(children)
    held = peak_megabytes("self")
    with structlog.testing.capture_logs() as logs, pytest.raises(ImageRejected) as caught:
        await children.develop(f"{kind} {marker}".encode(), WEB)
    assert caught.value.code == "crashed"
    assert [entry["event"] for entry in logs if entry["event"] == "image_child_lost"] == ["image_child_lost"]
    assert not marker.exists()
    assert peak_megabytes("self") - held < 50
    assert own_children() & {int(before)} == set()
    assert await honest_child(children) != before


@pytest.mark.parametrize("kind", sorted(SLOW))
async def test_an_answer_that_comes_by_the_byte_ends_by_the_time_of_the_image(kind: str) -> None:
    """Each byte would otherwise begin a new wait."""
    async with ImageChildren(SLOW_LIMITS, "hostile_answers:answer") as children:
        with pytest.raises(ImageRejected) as caught:
            await children.develop(kind.encode(), WEB)
        assert caught.value.code == "timeout"
        assert await honest_child(children)


def test_a_service_with_children_cannot_be_inspected_by_them() -> None:
    """Its environment has the passwords that theirs has not; children themselves stay as they are."""
    program = f"""
import asyncio, ctypes
from services.worker.children.limits import ChildLimits
from services.worker.children.pool import started_children
async def main():
    async with started_children(ChildLimits(worker_children=1)):
        print(ctypes.CDLL(None).prctl({PR_GET_DUMPABLE}, 0, 0, 0, 0))
asyncio.run(main())
"""
    words = [sys.executable, "-c", program]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "0\n"


async def test_a_hostile_child_does_not_hold_up_its_siblings(children: ImageChildren) -> None:
    """It is lost, and they are developed meanwhile by others."""
    hostile = [asyncio.create_task(children.develop(b"pickle /nowhere", WEB)) for _ in range(3)]
    assert all([await honest_child(children) for _ in range(5)])
    ends = await asyncio.gather(*hostile, return_exceptions=True)
    assert [getattr(end, "code", None) for end in ends] == ["crashed"] * 3
