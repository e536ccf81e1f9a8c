"""Two versions of Darkroom on this machine: this checkout, and an older commit with an environment of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import ROOT


@dataclass(frozen=True)
class Checkout:
    """The code of one version, and the Python that has what it needs."""

    name: str
    folder: Path
    python: str


def present_checkout() -> Checkout:
    """This checkout, on the Python that runs now."""
    return Checkout("new", ROOT, sys.executable)


@contextmanager
def older_checkout(revision: str, folder: Path) -> Iterator[Checkout]:
    """The revision in a Git worktree below `folder`, its locked dependencies in a virtual environment beside it.

    Raises subprocess.CalledProcessError for a revision that there is not, or if its dependencies cannot be installed.
    """
    code, environment = folder / "code", folder / "environment"
    _run("git", "worktree", "add", "--quiet", "--detach", str(code), revision)
    try:
        _run(sys.executable, "-m", "venv", str(environment))
        python = str(environment / "bin" / "python")
        lock = str(code / "requirements.lock")
        _run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", lock)
        yield Checkout("old", code, python)
    finally:
        _run("git", "worktree", "remove", "--force", str(code))


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)
