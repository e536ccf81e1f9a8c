"""One image child as its parent sees it: start it, ask it, end it."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from pathlib import Path
from typing import Self

from services.worker.children.limits import ChildLimits
from services.worker.children.protocol import (
    ANSWER_PREFIX,
    MAX_ANSWER_JSON_BYTES,
    REQUEST_ID_BYTES,
    REQUEST_PREFIX,
    Answer,
    ChildConfig,
    Developed,
    Ready,
    Rejected,
    WrongAnswerError,
    check_developed,
    read_answer,
)
from services.worker.imaging.prints import DevelopedImage, encoded_print
from shared.errors import TransientError
from shared.recipes import Recipe
from shared.running.shielding import shielded

# -c rather than -m: a module run with -m would be loaded a second time by what imports it.
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

UNREAD_BYTES = 4 * 2**20
"""What either side may send before the other reads: a photograph goes in one go, not in twenty that each wake both.

Linux gives no more than net.core.wmem_max says.
"""

EXIT_SECONDS = 2.0
"""Longest that a child takes to end once it has closed its pipe; one that goes on is taken for hostile."""


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
    """A running child that does one thing at a time. After a failed or cancelled `develop` it is only good for `end`.

    `answers`: how many images it has answered.
    """

    def __init__(self, process: asyncio.subprocess.Process, pipe: socket.socket, limits: ChildLimits) -> None:
        self._process = process
        self._pipe = pipe
        self._limits = limits
        self.answers = 0

    @classmethod
    async def start(cls, work: str, limits: ChildLimits) -> Self:
        """Start a child that calls `work` (`module:function`) with each image, and wait until it is ready.

        Raises ChildNotStartedError.
        """
        started: list[Self] = []
        try:
            # Cancelled half-way, it would leave a process that is never waited for.
            await shielded(cls._spawn(limits, started))
            async with asyncio.timeout(limits.child_start_timeout_seconds):
                await started[0].prepare(work)
        except BaseException as error:
            for child in started:
                await child.end()
            if isinstance(error, ChildDiedError | WrongAnswerError | TimeoutError):
                raise ChildNotStartedError("an image child did not become ready") from error
            raise
        return started[0]

    @classmethod
    async def _spawn(cls, limits: ChildLimits, started: list[Self]) -> None:
        # A pair of sockets rather than two pipes: asyncio reads them without a buffer of its own in between.
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                # No warnings: hostile files could fill the log with what Pillow says of them.
                *("-P", "-W", "ignore", "-c", _PROGRAM),
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                # Passwords in our environment are none of a hostile image's business.
                env=_environment(),
                # Ctrl-C in a terminal reaches the service, which then ends its children itself.
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise ChildNotStartedError("no process could be started") from error
        finally:
            theirs.close()
        started.append(cls(process, ours, limits))

    async def prepare(self, work: str) -> None:
        """Have the child confine itself and load its work. Raises ChildDiedError and WrongAnswerError."""
        config = ChildConfig(work=work, parent=os.getpid(), limits=self._limits)
        if not isinstance(await self._ask(config.model_dump_json().encode()), Ready):
            raise WrongAnswerError("it is not ready")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended, as far as is known."""
        return self._process.returncode is None

    async def develop(self, data: bytes, recipe: Recipe) -> DevelopedImage | Rejected:
        """Have an image developed. Raises ChildDiedError and WrongAnswerError."""
        answer = await self._ask(recipe.model_dump_json().encode(), data)
        if isinstance(answer, Ready):
            raise WrongAnswerError("it is ready, and not done")
        made = await self._read_prints(answer, recipe) if isinstance(answer, Developed) else answer
        if self._has_more():
            raise WrongAnswerError("it is longer than announced")
        self.answers += 1
        return made

    async def _ask(self, text: bytes, data: bytes = b"") -> Answer:
        # A hostile child cannot know it before, and so cannot answer a request that it has not got yet.
        request_id = secrets.token_bytes(REQUEST_ID_BYTES)
        await self._send(REQUEST_PREFIX.pack(request_id, len(text), len(data)) + text)
        await self._send(data)
        answered_id, length = ANSWER_PREFIX.unpack(await self._receive(ANSWER_PREFIX.size))
        if answered_id != request_id:
            raise WrongAnswerError("it answers another request")
        if length > MAX_ANSWER_JSON_BYTES:
            raise WrongAnswerError("its JSON is too long")
        return read_answer(await self._receive(length))

    async def _read_prints(self, answer: Developed, recipe: Recipe) -> DevelopedImage:
        check_developed(answer, recipe, self._limits)
        made = [
            encoded_print(output, (announced.width, announced.height), bytes(await self._receive(announced.size_bytes)))
            for announced, output in zip(answer.prints, recipe.outputs, strict=True)
        ]
        return answer.with_prints(made)

    async def _send(self, data: bytes) -> None:
        try:
            await asyncio.get_running_loop().sock_sendall(self._pipe, data)
        except OSError as error:
            raise await self._death() from error

    async def _receive(self, length: int) -> bytearray:
        received = bytearray(length)
        missing = memoryview(received)
        loop = asyncio.get_running_loop()
        while missing:
            try:
                count = await loop.sock_recv_into(self._pipe, missing)
            except OSError as error:
                raise await self._death() from error
            if not count:
                raise await self._death()
            missing = missing[count:]
        return received

    def _has_more(self) -> bool:
        try:
            return bool(self._pipe.recv(1))
        except BlockingIOError:
            return False

    async def _death(self) -> Exception:
        """Give what the child died of, once it has closed its end."""
        try:
            async with asyncio.timeout(EXIT_SECONDS):
                returncode = await self._process.wait()
        except TimeoutError:
            return WrongAnswerError("it has closed its pipe and goes on")
        # What it has started may go on, under the number of its group.
        self._kill_group()
        return ChildDiedError(returncode)

    async def end(self) -> None:
        """Kill the process and what it has started, if it still runs; leave no zombie. This cannot be cancelled."""
        await shielded(self._end())

    async def _end(self) -> None:
        self._pipe.close()
        if self.is_running:
            self._kill_group()
        await self._process.wait()

    def _kill_group(self) -> None:
        # It leads one (start_new_session): a program that a step has started is not to outlive it. Only while it runs
        # or right after: later the number may be another group's.
        # Of zombies alone some systems say that they may not be killed.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
