"""One image child as its parent sees it: start it, ask it, end it."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream, Process
from anyio.streams.buffered import BufferedByteReceiveStream

from services.worker.children.child import ANSWER_LENGTH_BYTES, ChildConfig
from shared.errors import TransientError

# -c rather than -m: a module run with -m is loaded a second time when an answer names its classes.
_PROGRAM = "from services.worker.children.child import serve; serve()"

KEPT_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TOP_PAD_": str(16 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
    "PILLOW_BLOCKS_MAX": "6",
}
"""Keeps freed memory for the next image: a fifth of the page faults, 12 MB more at rest, and some 5 % less time.

Pillow's blocks are of 16 MiB. With sixteen of them kept, an image of 50 megapixels took 60 MB more.
"""


def _environment() -> dict[str, str]:
    """Say where modules are, and programs: jpegtran, and those of other packages' steps."""
    modules = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    return {"PYTHONPATH": modules, "PATH": os.pathsep.join(os.get_exec_path()), **KEPT_MEMORY}


class ChildNotStartedError(TransientError):
    """No child process could be started; no image is at fault."""

    code = "child_not_started"


class ChildDiedError(Exception):
    """The child ended before it answered; `returncode` is minus the signal's number, as in subprocess."""

    def __init__(self, returncode: int) -> None:
        super().__init__(returncode)
        self.returncode = returncode


class ChildProcess:
    """A running child that does one thing at a time. After a failed or cancelled `ask` it is only good for `end`.

    `answers`: how many requests it has answered since it was ready.
    """

    def __init__(self, process: Process, stdin: ByteSendStream, stdout: ByteReceiveStream) -> None:
        self._process = process
        self._stdin = stdin
        self._stdout = BufferedByteReceiveStream(stdout)
        self.answers = 0

    @classmethod
    async def start(cls, orders: ChildConfig, timeout_seconds: float) -> Self:
        """Start a child and wait until it is ready. Raises ChildNotStartedError."""
        child = await cls._spawn()
        try:
            with anyio.fail_after(timeout_seconds):
                await child.ask(orders)
                child.answers = 0
        except (ChildDiedError, TimeoutError) as error:
            await child.end()
            raise ChildNotStartedError("an image child did not become ready") from error
        except BaseException:
            await child.end()
            raise
        return child

    @classmethod
    async def _spawn(cls) -> Self:
        try:
            # Shielded: cancelled half-way, it would leave a process that nobody waits for.
            with anyio.CancelScope(shield=True):
                process = await anyio.open_process(
                    # No warnings: hostile files could fill the log with what Pillow says of them.
                    [sys.executable, "-P", "-W", "ignore", "-c", _PROGRAM],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=None,
                    # Passwords in our environment are none of a hostile image's business.
                    env=_environment(),
                    # Ctrl-C in a terminal reaches the service, which then ends its children itself.
                    start_new_session=True,
                )
        except OSError as error:
            raise ChildNotStartedError("no process could be started") from error
        if process.stdin is None or process.stdout is None:
            raise ChildNotStartedError("the process has no pipes")
        return cls(process, process.stdin, process.stdout)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended, as far as is known."""
        return self._process.returncode is None

    async def ask(self, request: object, data: bytes = b"") -> Any:
        """Send a request, the image's bytes behind it, and give the answer. Raises ChildDiedError."""
        try:
            # The bytes go beside the pickle, which would copy megabytes once here and once more in the child.
            await self._stdin.send(pickle.dumps((request, len(data)), pickle.HIGHEST_PROTOCOL))
            if data:
                await self._stdin.send(data)
            length = int.from_bytes(await self._stdout.receive_exactly(ANSWER_LENGTH_BYTES), "big")
            # Ours only: nobody else holds the other end of the pipe.
            answer = pickle.loads(await self._stdout.receive_exactly(length))  # noqa: S301
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, anyio.IncompleteRead) as error:
            returncode = await self._process.wait()
            self._kill_group()
            raise ChildDiedError(returncode) from error
        self.answers += 1
        return answer

    async def end(self) -> None:
        """Kill the process and what it has started, if it still runs; leave no zombie. This cannot be cancelled."""
        with anyio.CancelScope(shield=True):
            if self.is_running:
                self._kill_group()
            await self._process.aclose()

    def _kill_group(self) -> None:
        # It leads one (start_new_session): a program that a step has started is not to outlive it. Only while it runs
        # or right after: later the number may be somebody else's.
        # Of zombies alone some systems say that they may not be killed.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
