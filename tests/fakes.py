"""Stand-ins for what services need from outside, and the crash that a test can order at any of their calls."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Literal, TypeVar, cast

from services.worker.chunks.images import MayBegin
from services.worker.imaging.prints import DevelopedImage, EncodedPrint
from shared.documents import Batch, Priority
from shared.messaging.encoding import encode
from shared.messaging.messages import ImageResults, Message
from shared.messaging.topology import RetryStep
from shared.ports import Delivery
from shared.recipes import BUILT_IN_RECIPES, Recipe
from shared.running.lifecycle import Stopping

START = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
DEADLINE_SECONDS = 10.0
"""Longest that a test waits for what must happen."""

M = TypeVar("M")
T = TypeVar("T")


class HastyStopping(Stopping):
    """A `Stopping` on which nobody sleeps for long: pauses between tries pass at once."""

    async def sleep(self, seconds: float) -> bool:
        """See `Stopping`."""
        return await super().sleep(min(seconds, 0.001))


class SteppingClock:
    """A `Clock` that stands still until it is told to step."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Answer the present."""
        return self.now

    def step(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


class RecordingPublisher:
    """A `Publisher` that keeps what it was given; each error put into `errors` ends one publish instead.

    It confirms nothing while `go_on` is not set; `under_way` counts what waits for it.
    """

    def __init__(self) -> None:
        self.published: list[Message] = []
        self.later: list[tuple[Message, RetryStep]] = []
        self.errors: deque[Exception] = deque()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.under_way = 0

    async def publish(self, message: Message) -> None:
        """Keep the message; results that share one are kept singly."""
        await self._confirm()
        self.published += message.results if isinstance(message, ImageResults) else (message,)

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        """Keep the message and its step."""
        await self._confirm()
        self.later.append((message, step))

    def of(self, kind: type[M]) -> list[M]:
        """What was published of one type, in order."""
        return [message for message in self.published if isinstance(message, kind)]

    async def _confirm(self) -> None:
        await asyncio.sleep(0)
        self.under_way += 1
        await self.go_on.wait()
        self.under_way -= 1
        if self.errors:
            raise self.errors.popleft()


@dataclass
class FakeDelivery:
    """A `Delivery` that writes down what became of it."""

    body: bytes
    settled: list[str] = field(default_factory=list)

    async def ack(self) -> None:
        """Note it."""
        self.settled.append("ack")

    async def hand_back(self) -> None:
        """Note it."""
        self.settled.append("hand back")

    async def reject(self) -> None:
        """Note it."""
        self.settled.append("reject")

    async def dead_letter(self, reason: str) -> None:
        """Note it with its reason."""
        self.settled.append(f"dead: {reason}")


class FakeSubscription:
    """A `Subscription` that hands out what it is given, and None after `stop`."""

    def __init__(self) -> None:
        self.handed_out: list[FakeDelivery] = []
        self.given_back: list[FakeDelivery] = []
        self._buffer: asyncio.Queue[FakeDelivery | None] = asyncio.Queue()

    def put(self, message: Message | bytes) -> FakeDelivery:
        """Add a delivery of this message."""
        delivery = FakeDelivery(message if isinstance(message, bytes) else encode(message))
        self._buffer.put_nowait(delivery)
        return delivery

    async def next(self) -> Delivery | None:
        """See `Subscription`."""
        delivery = await self._buffer.get()
        if delivery is None:
            self._buffer.put_nowait(None)
            return None
        self.handed_out.append(delivery)
        return delivery

    async def ack_through(self, delivery: Delivery) -> None:
        """See `Subscription`; what was settled before is left alone, as a broker's ledger does."""
        for earlier in self.handed_out:
            if not earlier.settled:
                await earlier.ack()
            if earlier is delivery:
                return

    async def stop(self) -> None:
        """See `Subscription`."""
        while not self._buffer.empty():
            if (delivery := self._buffer.get_nowait()) is not None:
                self.given_back.append(delivery)
        self._buffer.put_nowait(None)


async def always() -> None:
    """Nothing stands in the way of an image."""


class FakeImageEngine:
    """An `ImageEngine` that makes one small print per output, or raises what `instead` holds for an original."""

    def __init__(self) -> None:
        self.developed: list[bytes] = []
        self.instead: dict[bytes, BaseException] = {}
        self.broken: Exception | None = None
        self.is_known_broken = False
        self.at_work = 0
        self.most_at_work = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    @property
    def is_able(self) -> bool:
        """Whether it is not known to be `broken`."""
        return not self.is_known_broken

    async def check(self) -> None:
        """Raise `broken` if there is one."""
        self.is_known_broken = self.broken is not None
        if self.broken:
            raise self.broken

    async def develop(self, data: bytes, recipe: Recipe, may_begin: MayBegin) -> DevelopedImage:
        """Wait until `go_on` is set, then do as instructed."""
        await may_begin()
        if self.broken:
            raise self.broken
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await asyncio.sleep(0)
            await self.go_on.wait()
        finally:
            self.at_work -= 1
        self.developed.append(data)
        if data in self.instead:
            raise self.instead[data]
        prints = tuple(
            EncodedPrint(output.name, "jpg", "image/jpeg", 4, 3, b"print of " + data) for output in recipe.outputs
        )
        return DevelopedImage(prints, 40, 30, "jpeg", {"decode": 3.6, "colour": 0.2}, cpu_ms=7)


class CrashError(BaseException):
    """The process ended here: nothing that handles exceptions gets to see it."""


class Crash:
    """Ends the process at its `at`-th call (from 0) to any port that it watches, before or after the call's effect.

    Calls under way at that moment still have their effect, but nobody hears of it, and no more are made. A call that
    raises `CrashError` itself ends the process as well.
    """

    def __init__(self, at: int, when: Literal["before", "after"]) -> None:
        self._at = at
        self._when = when
        self._calls = 0
        self._is_dead = False

    @property
    def has_happened(self) -> bool:
        """Whether so many calls were made."""
        return self._is_dead

    def watch(self, port: T) -> T:
        """The port, crashing as ordered."""
        return cast("T", _Watched(port, self._around))

    def _around(self, call: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Coroutine[Any, Any, Any]]:
        @wraps(call)
        async def crashing(*args: Any, **kwargs: Any) -> Any:
            mine = self._calls == self._at
            self._calls += 1
            self._die_if(mine and self._when == "before")
            try:
                return await call(*args, **kwargs)
            except CrashError:
                mine = True
                raise
            finally:
                self._die_if(mine)

        return crashing

    def _die_if(self, condition: bool) -> None:  # noqa: FBT001 - reads as a sentence
        self._is_dead = self._is_dead or condition
        if self._is_dead:
            raise CrashError


class _Watched:
    def __init__(self, port: object, around: Callable[[Any], Any]) -> None:
        self._port = port
        self._around = around

    def __getattr__(self, name: str) -> Any:
        return self._around(getattr(self._port, name))


def new_batch(
    batch_id: str = "b",
    *,
    total_images: int = 10,
    chunk_size: int = 2,
    now: datetime = START,
    priority: Priority = "normal",
) -> Batch:
    """A dispatched batch with the `web` recipe."""
    return Batch(
        id=batch_id,
        name="holiday",
        recipe=BUILT_IN_RECIPES["web"],
        total_images=total_images,
        chunk_size=chunk_size,
        priority=priority,
        created_at=now,
        dispatched_at=now,
    )


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Let the event loop run until the condition holds; raises TimeoutError when it does not in time."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await _holds(condition):  # noqa: ASYNC110 - the condition may be anything, so nobody can set an event
            await asyncio.sleep(0.001)


async def _holds(condition: Callable[[], bool | Awaitable[bool]]) -> bool:
    answer = condition()
    return answer if isinstance(answer, bool) else await answer
