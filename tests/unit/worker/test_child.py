"""What a child allows itself."""

import io
import os
import resource
import signal
import subprocess
import sys
from functools import partial

import pytest

from services.worker.children import child
from services.worker.children.limits import ChildLimits
from services.worker.children.protocol import (
    ANSWER_PREFIX,
    REQUEST_PREFIX,
    Answer,
    ChildConfig,
    Developed,
    Rejected,
    read_answer,
)
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage, EncodedPrint
from shared.costs import MAX_COST_MS
from shared.failure_codes import FailureCode
from shared.recipes import BUILT_IN_RECIPES, Recipe

REQUEST_ID = bytes(range(16))
RECIPE = BUILT_IN_RECIPES["web"].model_dump_json().encode()
LIMITS = ChildLimits(child_file_bytes=2**20)


def develop(original: ImageBytes, _recipe: Recipe, _limits: ImageLimits) -> DevelopedImage:
    """Make one print, of as many bytes as the original says."""
    size = int(original.data)
    made = EncodedPrint("web", "jpg", "image/jpeg", 4, 3, bytes(size))
    return DevelopedImage((made,), 40, 30, "jpeg", {"decode": 1.0})


def reject(_original: ImageBytes, _recipe: Recipe, _limits: ImageLimits) -> DevelopedImage:
    """Reject it."""
    raise ImageRejected(FailureCode.TOO_MANY_SCANS, "It has too many scans.")


def answered(work: child.Work, image: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[Answer, bytes]:
    """What a child answers to one request, and the bytes of its prints."""
    monkeypatch.setattr(child, "_allow_cpu_seconds", lambda _seconds: None)
    requests = io.BytesIO(REQUEST_PREFIX.pack(REQUEST_ID, len(RECIPE), len(image)) + RECIPE + image)
    answers = io.BytesIO()
    assert child._answer_next(requests, answers, work, LIMITS)
    assert not child._answer_next(requests, answers, work, LIMITS), "the pipe has ended"
    request_id, length = ANSWER_PREFIX.unpack(answers.getvalue()[: ANSWER_PREFIX.size])
    assert request_id == REQUEST_ID
    rest = answers.getvalue()[ANSWER_PREFIX.size :]
    return read_answer(rest[:length]), rest[length:]


def test_a_developed_image_is_announced_and_its_prints_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the parent knows how much it has to read."""
    answer, prints = answered(develop, b"300", monkeypatch)
    assert isinstance(answer, Developed)
    assert [(made.output, made.size_bytes) for made in answer.prints] == [("web", 300)]
    assert prints == bytes(300)


def test_a_rejected_image_is_told_by_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing follows."""
    answer, prints = answered(reject, b"", monkeypatch)
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.message, prints) == ("too_many_scans", "It has too many scans.", b"")


def busy_helpers(_original: ImageBytes, _recipe: Recipe, _limits: ImageLimits) -> DevelopedImage:
    """Have another program work for a tenth of a second, as a custom step may, and reject the image."""
    subprocess.run([sys.executable, "-Sc", "import time\nwhile time.process_time() < 0.1: pass"], check=True)
    raise ImageRejected(FailureCode.TOO_MANY_SCANS)


def test_an_answer_says_what_the_image_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """At least a millisecond, as 0 means unknown; programs that a step has started count, whatever becomes of it."""
    answer, _ = answered(develop, b"300", monkeypatch)
    assert isinstance(answer, Developed)
    assert 1 <= answer.cpu_ms < 100
    answer, _ = answered(busy_helpers, b"", monkeypatch)
    assert isinstance(answer, Rejected)
    assert answer.cpu_ms >= 100


def test_a_clock_that_jumps_stays_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Years forward or back."""
    for jump in (1e12, -1e12):
        clock = iter([0.0, jump])
        monkeypatch.setattr(child, "_cpu_ms", partial(next, clock, jump))
        answer, _ = answered(develop, b"1", monkeypatch)
        assert isinstance(answer, Developed)
        assert answer.cpu_ms in {1, MAX_COST_MS}


def test_prints_above_the_limit_together_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent would take the child for a hostile one."""
    answer, prints = answered(develop, str(2**20 + 1).encode(), monkeypatch)
    assert isinstance(answer, Rejected)
    assert (answer.code, prints) == ("too_many_pixels", b"")


@pytest.mark.parametrize("is_linux", [True, False])
def test_a_child_confines_itself_before_it_answers(monkeypatch: pytest.MonkeyPatch, is_linux: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """MacOS has no limit of addresses that it keeps."""
    limits = {}
    monkeypatch.setattr(child, "IS_LINUX", is_linux)
    monkeypatch.setattr(resource, "setrlimit", lambda which, limit: limits.update({which: limit}))
    for name in ("forbid_privileges", "end_with_parent"):
        monkeypatch.setattr(child, name, lambda: None)
    child._confine(ChildConfig(work="", limits=LIMITS, parent=os.getppid()))
    assert limits[resource.RLIMIT_CORE] == (0, 0)
    assert limits[resource.RLIMIT_FSIZE] == (2**20, 2**20)
    assert (resource.RLIMIT_AS in limits) == is_linux
    with pytest.raises(SystemExit, match="the parent ended"):
        child._confine(ChildConfig(work="", limits=LIMITS, parent=-1))


def test_each_image_has_its_processor_time_by_the_clock_of_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel may have counted more than getrusage tells: 113 s here, for which a child has to work minutes."""
    limits = []
    monkeypatch.setattr(signal, "getitimer", lambda _which: (1e7 - 113.4, 0.0))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limit: limits.append((which, limit)))
    child._allow_cpu_seconds(20)
    assert limits == [(resource.RLIMIT_CPU, (113 + 2 + 20, resource.getrlimit(resource.RLIMIT_CPU)[1]))]
