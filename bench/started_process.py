"""A process of a contender: started with its settings, logging into a file, and ended for certain."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[1]
END_SECONDS = 15
LOG_TAIL_CHARACTERS = 2000

StartedProcess = subprocess.Popen[bytes]


@contextmanager
def started_process(
    arguments: Sequence[str],
    settings: Mapping[str, str],
    log: Path,
    folder: Path = PROJECT,
    python: str = sys.executable,
) -> Iterator[StartedProcess]:
    """Run `python ARGUMENTS` in the folder, by default the project's, with further environment variables.

    Gives the process. At the end it gets SIGTERM, and SIGKILL if it is still there 15 s later.
    """
    # env(1) adds to the environment and then becomes the process, so the id is the process's own.
    variables = [f"{name}={value}" for name, value in settings.items()]
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["env", *variables, python, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def log_tails(folder: Path) -> str:
    """The end of every log in the folder, for a report of what went wrong."""
    logs = sorted(folder.glob("*.log"))
    return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-LOG_TAIL_CHARACTERS:]}" for log in logs)
