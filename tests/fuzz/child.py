"""One capped child that is asked again and again, and replaced when it dies."""

from types import TracebackType
from typing import Self

import anyio

from services.worker.children.limits import ChildLimits
from services.worker.children.pool import orders_for
from services.worker.children.process import ChildDiedError, ChildProcess
from shared.recipes import Recipe

DIED = "died"
HUNG = "hung"


class JudgingChild:
    """Asks a child that judges its own prints; never tries an image twice, so that no death goes unnoticed."""

    def __init__(self, limits: ChildLimits | None = None) -> None:
        self._limits = limits or ChildLimits()
        self._orders = orders_for(self._limits, "tests.fuzz.judging:develop_and_judge")
        self._child: ChildProcess | None = None

    async def judge(self, data: bytes, recipe: Recipe) -> tuple[str, str]:
        """Give what `develop_and_judge` gives, or `died` or `hung` and how."""
        self._child = self._child or await ChildProcess.start(self._orders, self._limits.start_timeout_seconds)
        try:
            with anyio.fail_after(self._limits.image_timeout_seconds):
                code, detail = await self._child.ask((recipe, self._limits.image), data)
        except ChildDiedError as death:
            await self._end()
            return DIED, f"return code {death.returncode}"
        except TimeoutError:
            await self._end()
            return HUNG, f"longer than {self._limits.image_timeout_seconds} s"
        return code, detail

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
