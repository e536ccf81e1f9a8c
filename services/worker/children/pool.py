"""Image code in child processes: a hang or a crash costs one child and one image, never the service."""

import asyncio
import signal
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import anyio
import structlog

from services.worker.children.limits import ChildLimits
from services.worker.children.process import ChildDiedError, ChildNotStartedError, ChildProcess
from services.worker.children.process_control import forbid_inspection
from services.worker.children.protocol import Rejected, WrongAnswerError
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.prints import DevelopedImage
from shared.failure_codes import FailureCode
from shared.recipes import Recipe

log = structlog.get_logger()

_DEVELOP_IMAGE = "services.worker.imaging.developing:develop_image"


class _ChildLostError(Exception):
    """The child is gone, and the image may or may not be the reason."""

    def __init__(self, code: FailureCode) -> None:
        super().__init__(code)
        self.code = code


async def _always() -> None:
    """Nothing stands in the way of an image."""


class ImageChildren:
    """Develops images in at most `limits.worker_children` processes, and suspects one at a time in one more.

    Use it as an async context manager, or call `aclose`. Nothing may be in flight then: cancel it first.
    """

    def __init__(self, limits: ChildLimits | None = None, work: str = _DEVELOP_IMAGE) -> None:
        self._limits = limits or ChildLimits()
        self._work = work
        self._idle: deque[ChildProcess] = deque()
        self._slots = anyio.CapacityLimiter(self._limits.worker_children)
        self._suspect_slot = anyio.CapacityLimiter(1)
        self._can_start = True
        self.lost: Counter[str] = Counter()
        """Children that ended over an image, by the code that it would fail with."""

    async def warm_up(self) -> None:
        """Start all children, so that the first images need not wait. Raises ChildNotStartedError."""
        missing = self._limits.worker_children - len(self._idle) - self._slots.borrowed_tokens
        started = await asyncio.gather(*(self._start_child() for _ in range(missing)), return_exceptions=True)
        self._idle.extend(child for child in started if isinstance(child, ChildProcess))
        for failure in started:
            if isinstance(failure, BaseException):
                raise failure

    async def develop(
        self, data: bytes, recipe: Recipe, may_begin: Callable[[], Awaitable[object]] = _always
    ) -> DevelopedImage:
        """Develop one image; waits for a free child. An image that ends its child gets one more try in a new one.

        `may_begin` is awaited when there is a child, before each try. Raises what that does; ImageRejected, also
        `timeout`, `out_of_memory` and `crashed`; ChildNotStartedError (try again later). Cancelling kills the child.
        """
        async with self._slots:
            child = await self._take_idle_child()
            try:
                await may_begin()
            except BaseException:
                self._idle.append(child)
                raise
            try:
                developed = await self._ask(child, data, recipe)
            except _ChildLostError as lost:
                self.lost[lost.code] += 1
                log.warning("image_child_lost", code=lost.code, child_pid=child.pid)
            else:
                await self._put_back(child)
                return _unwrapped(developed)
        # Suspects go one at a time and beside the others: a row of hostile files must not stop the honest ones.
        async with self._suspect_slot:
            return await self._develop_in_new_child(data, recipe, may_begin)

    @property
    def is_able(self) -> bool:
        """Whether the last child that was wanted could be started."""
        return self._can_start

    async def check(self) -> None:
        """Raise ChildNotStartedError if the last child that was wanted could not be started, and none can be now."""
        if self._can_start:
            return
        child = await self._start_child()
        if len(self._idle) + self._slots.borrowed_tokens < self._limits.worker_children:
            self._idle.append(child)
        else:
            await child.end()

    async def _develop_in_new_child(
        self, data: bytes, recipe: Recipe, may_begin: Callable[[], Awaitable[object]]
    ) -> DevelopedImage:
        child = await self._start_child()
        try:
            await may_begin()
            return _unwrapped(await self._ask(child, data, recipe))
        except _ChildLostError as lost:
            self.lost[lost.code] += 1
            log.warning("image_rejected_after_second_child", code=lost.code, child_pid=child.pid)
            raise ImageRejected(lost.code) from lost
        finally:
            await child.end()

    async def _ask(self, child: ChildProcess, data: bytes, recipe: Recipe) -> DevelopedImage | Rejected:
        """Give the child's answer; the child has ended whenever this raises."""
        try:
            async with asyncio.timeout(self._limits.image_timeout_seconds):
                answer = await child.develop(data, recipe)
        except BaseException as error:
            # When cancelled, too: the rest of this answer would be taken for the next image's.
            await child.end()
            if isinstance(error, TimeoutError):
                raise _ChildLostError(FailureCode.TIMEOUT) from error
            if isinstance(error, ChildDiedError):
                raise _death(error.returncode) from error
            if isinstance(error, WrongAnswerError):
                log.warning("image_child_answered_wrongly", child_pid=child.pid, reason=str(error))
                raise _ChildLostError(FailureCode.CRASHED) from error
            raise
        if isinstance(answer, Rejected) and answer.code == "out_of_memory":
            # Its memory may be full of holes from the images before.
            await child.end()
            raise _ChildLostError(FailureCode.OUT_OF_MEMORY)
        return answer

    async def _take_idle_child(self) -> ChildProcess:
        while self._idle:
            child = self._idle.pop()
            if child.is_running:
                return child
            await child.end()
        return await self._start_child()

    async def _put_back(self, child: ChildProcess) -> None:
        """Keep the child for the next image, unless it had its share of them."""
        if child.answers < self._limits.images_per_child:
            self._idle.append(child)
        else:
            await child.end()

    async def _start_child(self) -> ChildProcess:
        try:
            child = await ChildProcess.start(self._work, self._limits)
        except ChildNotStartedError:
            self._can_start = False
            raise
        self._can_start = True
        return child

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        await self.aclose()


@asynccontextmanager
async def started_children(limits: ChildLimits) -> AsyncIterator[ImageChildren]:
    """Start children, which end with the block. Raises ChildNotStartedError: better at once than at the first image."""
    forbid_inspection()
    async with ImageChildren(limits) as children:
        await children.warm_up()
        yield children


def _death(returncode: int) -> Exception:
    """Say what a child died of; `returncode` is minus the signal's number."""
    if returncode == -signal.SIGXCPU:
        # The image itself spent its processor time, not its neighbours: a second try would cost as much again, and a
        # row of such files would hold up the honest ones behind the one place for suspects.
        return ImageRejected(FailureCode.TIMEOUT)
    # Only the kernel's out-of-memory killer sends SIGKILL; our own kill follows a timeout.
    return _ChildLostError(FailureCode.OUT_OF_MEMORY if returncode == -signal.SIGKILL else FailureCode.CRASHED)


def _unwrapped(answer: DevelopedImage | Rejected) -> DevelopedImage:
    if isinstance(answer, Rejected):
        if answer.traceback:
            log.error("image_code_failed", code=answer.code, traceback=answer.traceback)
        rejected = ImageRejected(answer.code, answer.message)
        rejected.cpu_ms = answer.cpu_ms
        raise rejected
    return answer
