"""How many requests of a kind are served at a time."""

import asyncio

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.edge.concurrency_limit import ConcurrencyLimit


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
