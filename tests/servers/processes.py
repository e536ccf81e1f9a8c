"""Server processes that end with the Python process that started them, however that ends."""

import contextlib
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

# The keeper reads a pipe that only the Python process holds: at its end, by `close` or by any death, even SIGKILL,
# the folder goes and then the whole process group, the keeper included.
KEEPER = 'cat >/dev/null; rm -rf "$0"; kill -KILL 0'


class ProcessGroup:
    """Processes in a process group of their own, which Ctrl-C in the terminal does not reach."""

    def __init__(self, folder: Path) -> None:
        """Start the keeper of the group and of `folder`, which is removed with it."""
        self._folder = folder
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, str(folder)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0
        )
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        """Start a process of the group; what it prints is added to `log`."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=self._keeper.pid,
            )
        self._processes.append(process)
        return process

    def close(self) -> None:
        """Kill what still runs, wait for it, and remove the folder."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        self._keeper.communicate()
