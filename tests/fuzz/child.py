"""One capped child that is asked again and again, and replaced when it dies."""

from types import TracebackType
from typing import Self

import anyio

from services.worker.children.limits import ChildLimits
from services.worker.children.process import ChildDiedError, ChildProcess
from services.worker.children.protocol import WrongAnswerError
from shared.recipes import Recipe
from tests.fuzz.judging import verdict

DIED = "died"
HUNG = "hung"


class JudgingChild:
    """Asks a child that judges its own prints; never tries an image twice, so that no death goes unnoticed."""

    def __init__(self, limits: ChildLimits | None = None, work: str = "tests.fuzz.judging:develop_checked") -> None:
        self._limits = limits or ChildLimits()
        self._work = work
        self._child: ChildProcess | None = None

    async def judge(self, data: bytes, recipe: Recipe) -> tuple[str, str]:
        """Give what `develop_and_judge` gives, or `died` or `hung` and how."""
        self._child = self._child or await ChildProcess.start(self._work, self._limits)
        try:
            with anyio.fail_after(self._limits.image_timeout_seconds):
                return verdict(await self._child.develop(data, recipe))
        except ChildDiedError as death:
            await self._end()
            return DIED, f"return code {death.returncode}"
        except WrongAnswerError as wrong:
            await self._end()
            return DIED, f"wrong answer: {wrong}"
        except TimeoutError:
            await self._end()
            return HUNG, f"longer than {self._limits.image_timeout_seconds} s"

    async def _end(self) -> None:
        if self._child is not None:
            await self._child.end()
            self._child = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        await self._end()
