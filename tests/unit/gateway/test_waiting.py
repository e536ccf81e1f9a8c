"""The gate that uploads pass, the body that must not be too large, and work that is finished in any case."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_body import bounded
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.edge.concurrency_limit import ConcurrencyLimit
from shared.running.shielding import shielded
from tests.fakes import until


async def test_an_upload_too_many_waits_and_is_then_let_in() -> None:
    """As soon as another has left."""
    gate = ConcurrencyLimit(1, patience_seconds=60, refusal=UploadCode.TOO_MANY_UPLOADS)
    entered = asyncio.Event()

    async def second() -> None:
        async with gate.enter():
            entered.set()

    async with gate.enter():
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0)
        assert not entered.is_set()
    await waiting
    assert entered.is_set()
    await gate.wait_until_empty()


async def test_an_upload_that_has_waited_too_long_is_refused() -> None:
    """And costs no place."""
    gate = ConcurrencyLimit(1, patience_seconds=0.01, refusal=UploadCode.TOO_MANY_UPLOADS)
    async with gate.enter():
        with pytest.raises(ApiError) as refused:
            async with gate.enter():
                raise AssertionError
    assert refused.value.code == "too_many_uploads"
    async with gate.enter():
        assert True


async def body(*pieces: bytes) -> AsyncIterator[bytes]:
    """A body."""
    for piece in pieces:
        yield piece


async def test_a_body_within_its_bounds_passes() -> None:
    """Unchanged."""
    assert [piece async for piece in bounded(body(b"ab", b"c"), 3)] == [b"ab", b"c"]


async def test_a_body_is_refused_at_the_first_byte_too_many() -> None:
    """Whatever its Content-Length said."""
    pieces = bounded(body(b"ab", b"cd", b"ef"), 3)
    assert await anext(pieces) == b"ab"
    with pytest.raises(ApiError) as refused:
        await anext(pieces)
    assert refused.value.code == "request_too_large"


async def test_work_is_finished_before_its_cancellation_is_passed_on() -> None:
    """The waiter is cancelled, however often; the work is not."""
    go_on, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        done.set()

    waiter = asyncio.create_task(shielded(work()))
    for _ in range(3):
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.sleep(0)
        assert not waiter.done()
    go_on.set()
    await until(waiter.done)
    assert waiter.cancelled()
    assert done.is_set()
