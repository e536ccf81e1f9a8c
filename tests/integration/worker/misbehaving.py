"""What bad images do to a child; named by path, so that real children import it."""

import os
import resource
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage, encoded_print
from shared.failure_codes import FailureCode
from shared.recipes import Recipe


def tell(original: ImageBytes, recipe: Recipe, _limits: ImageLimits) -> DevelopedImage:
    """Do what the data says, and then answer with a fact about the child, or with the data itself."""
    order, _, argument = original.data.decode().partition(" ")
    if order in _ORDERS:
        _ORDERS[order](argument)
    return _answer(_FACTS[order]() if order in _FACTS else original.data.decode(), recipe)


def _answer(fact: object, recipe: Recipe) -> DevelopedImage:
    prints = tuple(encoded_print(output, (1, 1), str(fact).encode()) for output in recipe.outputs)
    return DevelopedImage(prints, 1, 1, "jpeg", {})


def _spin() -> NoReturn:
    while True:
        pass


def _die_if_present(marker: str) -> None:
    # Created beforehand by the test: a child may not write to files, but it may remove one.
    if Path(marker).exists():
        Path(marker).unlink()
        os.kill(os.getpid(), signal.SIGSEGV)


def _reject(code: str) -> NoReturn:
    raise ImageRejected(FailureCode[code.upper()], "It is torn.")


_ORDERS: dict[str, Callable[[str], object]] = {
    "die-once": _die_if_present,
    "signal": lambda number: os.kill(os.getpid(), int(number)),
    "exit": lambda _: sys.exit(3),
    "wait": lambda seconds: time.sleep(float(seconds)),
    "sleep": lambda _: time.sleep(600),
    "start": lambda _: subprocess.run(["sleep", "600"], check=True),
    "spin": lambda _: _spin(),
    "reject": _reject,
    "warn": lambda words: warnings.warn(words, UserWarning, stacklevel=1),
    "read": lambda _: subprocess.run(["cat"], check=True),
    "print": lambda _: os.write(1, b"noise on standard output\n"),
}

_FACTS: dict[str, Callable[[], object]] = {
    "pid": os.getpid,
    "limits": lambda: [
        resource.getrlimit(limit)[0]
        for limit in (resource.RLIMIT_AS, resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE)
    ],
    "privileges": lambda: next(
        line for line in Path("/proc/self/status").read_text("utf-8").splitlines() if line.startswith("NoNewPrivs")
    ),
    "cpu": lambda: resource.getrlimit(resource.RLIMIT_CPU)[0] - int(time.process_time()),
    "modules": lambda: sorted(name for name in sys.modules if "." not in name),
    "environment": lambda: sorted(os.environ),  # noqa: TID251 - which is what the test is about
}
