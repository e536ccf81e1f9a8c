"""What runs inside an image child: confine the process, then answer one request after another until the pipe's end.

Anything unexpected ends the process rather than the request, so that an answer can never be taken for that of another
image.
"""

import contextlib
import math
import os
import pkgutil
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import BinaryIO

from services.worker.children.limits import ChildLimits
from services.worker.children.process_control import IS_LINUX, end_with_parent, forbid_privileges
from services.worker.children.protocol import (
    ANSWER_PREFIX,
    REQUEST_PREFIX,
    Answer,
    ChildConfig,
    Developed,
    Ready,
    Rejected,
    dump_answer,
)
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.costs import MAX_COST_MS
from shared.failure_codes import FailureCode
from shared.recipes import Recipe
from shared.recipes.values import STORED

Work = Callable[[ImageBytes, Recipe, ImageLimits], DevelopedImage]

_CPU_CLOCK_SECONDS = 1e7
"""A timer that never runs out tells by what is left of it how much processor time the kernel has counted."""


def serve() -> None:
    """Serve one parent until it closes the pipe."""
    signal.setitimer(signal.ITIMER_PROF, _CPU_CLOCK_SECONDS)
    requests, answers = _take_over_pipes()
    request_id, text, _ = _read_request(requests)
    config = ChildConfig.model_validate_json(text)
    work: Work = pkgutil.resolve_name(config.work)
    _confine(config)
    with contextlib.suppress(ConnectionError):  # the parent was killed: no process waits for the answer
        _send(answers, request_id, Ready())
        while _answer_next(requests, answers, work, config.limits):
            pass
    # At once: what is left unwritten would be tried again at an orderly end.
    os._exit(0)


def _take_over_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep both pipes to this module: all other output goes to standard error, and all other input is empty."""
    requests = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    return requests, answers


def _confine(config: ChildConfig) -> None:
    limits = config.limits
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Standard error may be a file, so this is not 0.
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.child_file_bytes, limits.child_file_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.child_open_files, limits.child_open_files))
    if IS_LINUX:  # macOS refuses it
        resource.setrlimit(resource.RLIMIT_AS, (limits.child_memory_bytes, limits.child_memory_bytes))
    forbid_privileges()
    end_with_parent()
    if os.getppid() != config.parent:
        sys.exit("the parent ended before its child was ready")


def _answer_next(requests: BinaryIO, answers: BinaryIO, work: Work, limits: ChildLimits) -> bool:
    """Answer the next request; False at the pipe's end."""
    used_before = _cpu_ms()
    request_id, text, original = _read_request(requests)
    if not request_id:
        return False
    _allow_cpu_seconds(limits.child_cpu_seconds)
    try:
        developed = work(original, _recipe(text), limits)
        _check_bytes(developed, limits)
    except ImageRejected as rejected:
        _send(answers, request_id, Rejected.of(rejected, _cpu_ms_since(used_before)))
    else:
        measured = replace(developed, cpu_ms=_cpu_ms_since(used_before))
        _send(answers, request_id, Developed.announcing(measured), *(made.data for made in measured.outputs))
    return True


def _cpu_ms_since(used_before: float) -> int:
    """Give the processor time since then, rounded up: 0 would say that it is not known."""
    return min(max(math.ceil(_cpu_ms() - used_before), 1), MAX_COST_MS)


def _cpu_ms() -> float:
    """Give the processor time of this process, and of the programs that it has started and waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return 1000 * sum(usage.ru_utime + usage.ru_stime for usage in used)


def _read_request(requests: BinaryIO) -> tuple[bytes, bytes, ImageBytes]:
    """Read a request's id, its JSON and its image; an empty id at the pipe's end."""
    prefix = requests.read(REQUEST_PREFIX.size)
    if len(prefix) < REQUEST_PREFIX.size:
        return b"", b"", ImageBytes(b"")
    request_id, text_bytes, image_bytes = REQUEST_PREFIX.unpack(prefix)
    return request_id, requests.read(text_bytes), ImageBytes(requests.read(image_bytes))


@lru_cache(maxsize=8)
def _recipe(text: bytes) -> Recipe:
    """Read a recipe, which all images of a batch have in common."""
    return Recipe.model_validate_json(text, context=STORED)


def _allow_cpu_seconds(seconds: int) -> None:
    # The limit counts by clock ticks, as this timer does, and that may run some per cent ahead of getrusage
    # (`python -m bench.limit_clock`): after minutes of work the difference would be more than an image has.
    used = _CPU_CLOCK_SECONDS - signal.getitimer(signal.ITIMER_PROF)[0]
    # A second for the fraction, one for what was used before the timer. Only the soft limit: a hard one could not be
    # raised again for the next image.
    soft = int(used) + 2 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _check_bytes(developed: DevelopedImage, limits: ChildLimits) -> None:
    if sum(len(made.data) for made in developed.outputs) > limits.child_file_bytes:
        mebibytes = limits.child_file_bytes // 2**20
        sentence = f"The prints of this image have more than {mebibytes} MiB together. Use a recipe with smaller sizes."
        raise ImageRejected(FailureCode.TOO_MANY_PIXELS, sentence)


def _send(answers: BinaryIO, request_id: bytes, answer: Answer, *prints: bytes) -> None:
    text = dump_answer(answer)
    answers.write(ANSWER_PREFIX.pack(request_id, len(text)))
    answers.write(text)
    answers.writelines(prints)
    answers.flush()
