"""What runs inside an image child: confine the process, then work off requests from standard input until its end.

Requests and answers are pickles over pipes that only the parent holds the other ends of; an image's bytes follow its
request as they are. Anything unexpected ends the process rather than the request, so that an answer can never be taken
for that of another image.
"""

import contextlib
import ctypes
import os
import pickle
import pkgutil
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import Original

ANSWER_LENGTH_BYTES = 8
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_LINUX = sys.platform == "linux"
_CPU_CLOCK_SECONDS = 1e7
"""A timer that never runs out tells by what is left of it how much processor time the kernel has counted."""


@dataclass(frozen=True, slots=True)
class ChildConfig:
    """A child's first message.

    `work` names a function as `module:function`, called with each image's Original and its request's arguments;
    `parent` is the parent's process id.
    """

    work: str
    parent: int
    memory_bytes: int
    cpu_seconds_per_image: int
    file_bytes: int
    open_files: int


def serve() -> None:
    """Serve one parent until it closes the pipe."""
    signal.setitimer(signal.ITIMER_PROF, _CPU_CLOCK_SECONDS)
    requests, answers = _take_over_pipes()
    # Only our own parent can write to this pipe (S301 throughout).
    orders: ChildConfig = pickle.load(requests)[0]  # noqa: S301
    work = pkgutil.resolve_name(orders.work)
    _confine(orders)
    with contextlib.suppress(BrokenPipeError):  # the parent was killed: nobody waits for the answer
        _answer_all(requests, answers, work, orders.cpu_seconds_per_image)
    # At once: what is left unwritten would be tried again at an orderly end.
    os._exit(0)


def _answer_all(requests: Any, answers: BinaryIO, work: Callable[..., object], cpu_seconds: int) -> None:
    _send(answers, None)
    while requests.peek(1):
        arguments, length = pickle.load(requests)  # noqa: S301
        original = Original(requests.read(length))
        _allow_cpu_seconds(cpu_seconds)
        _send(answers, _work(work, (original, *arguments)))


def _take_over_pipes() -> tuple[Any, BinaryIO]:
    """Keep both pipes to ourselves: whatever else prints goes to standard error, and whatever reads gets nothing."""
    requests = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    return requests, answers


def _confine(orders: ChildConfig) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Standard error may be a file, so this is not 0.
    resource.setrlimit(resource.RLIMIT_FSIZE, (orders.file_bytes, orders.file_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (orders.open_files, orders.open_files))
    if not _LINUX:
        return  # macOS, for development, knows neither of those below
    resource.setrlimit(resource.RLIMIT_AS, (orders.memory_bytes, orders.memory_bytes))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != orders.parent:
        sys.exit("the parent ended before its child was ready")


def _allow_cpu_seconds(seconds: int) -> None:
    # The limit counts by clock ticks, as this timer does, and that may run some per cent ahead of getrusage
    # (`python -m bench.limit_clock`): after minutes of work the difference would be more than an image has.
    used = _CPU_CLOCK_SECONDS - signal.getitimer(signal.ITIMER_PROF)[0]
    # A second for the fraction, one for what was used before the timer. Only the soft limit: a hard one could not be
    # raised again for the next image.
    soft = int(used) + 2 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _work(work: Callable[..., object], arguments: tuple[Any, ...]) -> object:
    try:
        return work(*arguments)
    except ImageRejected as rejected:
        return rejected


def _send(answers: BinaryIO, answer: object) -> None:
    pickled = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    answers.write(len(pickled).to_bytes(ANSWER_LENGTH_BYTES, "big"))
    answers.write(pickled)
    answers.flush()
