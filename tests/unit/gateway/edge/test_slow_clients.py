"""Clients that send or take too slowly, and requests that are cut off."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from services.gateway.answers.errors import ApiError
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.edge.concurrency_limit import MAX_SECONDS_BEHIND_OTHERS, ConcurrencyLimit
from services.gateway.edge.cut_off import CutOff
from services.gateway.edge.pacing import SLICE_BYTES, Pacing
from services.gateway.edge.transfer import Transfer, TransferLimits
from tests.fakes import until

SLOW = TransferLimits(patience_seconds=0.05, min_bytes_per_second=1000, max_seconds=60)
PATIENT = TransferLimits(patience_seconds=60, min_bytes_per_second=1000, max_seconds=60)


async def pause() -> None:
    """A client that does something soon."""
    await asyncio.sleep(0.02)


async def never() -> None:
    """A client that does nothing."""
    await asyncio.Event().wait()


async def test_a_silent_client_is_waited_for_as_long_as_its_patience() -> None:
    """And not again."""
    transfer = Transfer(SLOW)
    with pytest.raises(TimeoutError):
        await transfer.wait_for(never)
    with pytest.raises(TimeoutError):
        await transfer.wait_for(pause)
    assert transfer.has_ended


async def test_a_dripping_client_falls_behind_and_is_ended() -> None:
    """Although it is never silent for that long."""
    transfer = Transfer(SLOW)

    async def drip() -> None:
        while True:
            await transfer.wait_for(pause)
            transfer.count(1)

    with pytest.raises(TimeoutError):
        await drip()


async def test_a_client_at_the_least_rate_goes_on() -> None:
    """Its bytes make up for the waiting; what is saved up is not kept."""
    transfer = Transfer(PATIENT)
    for _ in range(10):
        await transfer.wait_for(pause)
        transfer.count(1_000_000)
        assert transfer.seconds_behind == 0


async def test_the_fastest_client_has_a_total_time_as_well() -> None:
    """It ends in the middle of a wait."""
    transfer = Transfer(TransferLimits(patience_seconds=60, min_bytes_per_second=1, max_seconds=0.05))
    with pytest.raises(TimeoutError):
        await transfer.wait_for(never)


async def test_a_transfer_that_is_ended_between_two_waits_waits_no_more() -> None:
    """Its place may be given away while the gateway works on what has come."""
    transfer = Transfer(PATIENT)
    await transfer.wait_for(pause)
    transfer.end()
    with pytest.raises(TimeoutError):
        await transfer.wait_for(pause)


class FallenBehind(Transfer):
    """A transfer that is as far behind as it is told."""

    def __init__(self, seconds: float) -> None:
        super().__init__(PATIENT)
        self._behind = seconds


async def holding(gate: ConcurrencyLimit, transfer: Transfer, step: Callable[[], Awaitable[None]] = never) -> None:
    """Hold a place while the client is waited for."""
    async with gate.enter(transfer):
        await transfer.wait_for(step)


async def test_the_slowest_loses_its_place_to_one_that_waits() -> None:
    """And only that one."""
    gate = ConcurrencyLimit(2, patience_seconds=60, refusal=UploadCode.TOO_MANY_UPLOADS)
    slower, slow = FallenBehind(MAX_SECONDS_BEHIND_OTHERS + 9), FallenBehind(MAX_SECONDS_BEHIND_OTHERS + 1)
    tasks = [asyncio.create_task(holding(gate, transfer)) for transfer in (slow, slower)]
    await asyncio.sleep(0)
    async with gate.enter(Transfer(PATIENT)):
        assert (slow.has_ended, slower.has_ended) == (False, True)
    await until(tasks[1].done)
    assert isinstance(tasks[1].exception(), TimeoutError)
    tasks[0].cancel()


async def test_those_that_keep_up_keep_their_places() -> None:
    """The one that waits is refused in the end."""
    gate = ConcurrencyLimit(1, patience_seconds=0.05, refusal=UploadCode.TOO_MANY_UPLOADS)
    transfer = FallenBehind(MAX_SECONDS_BEHIND_OTHERS - 1)
    task = asyncio.create_task(holding(gate, transfer))
    await asyncio.sleep(0)
    with pytest.raises(ApiError, match="too_many_uploads"):
        async with gate.enter(Transfer(PATIENT)):
            raise AssertionError
    assert not transfer.has_ended
    task.cancel()


async def test_a_slow_one_that_holds_up_nobody_goes_on() -> None:
    """There is another place."""
    gate = ConcurrencyLimit(2, patience_seconds=60, refusal=UploadCode.TOO_MANY_UPLOADS)
    slow = FallenBehind(MAX_SECONDS_BEHIND_OTHERS + 1)
    task = asyncio.create_task(holding(gate, slow))
    await asyncio.sleep(0)
    async with gate.enter(Transfer(PATIENT)):
        assert not slow.has_ended
    task.cancel()


def scope() -> Scope:
    """A request."""
    return {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}


async def silent() -> Message:
    """A client that sends nothing."""
    await asyncio.Event().wait()
    raise AssertionError


def start(content_type: bytes) -> Message:
    """The begin of an answer."""
    return {"type": "http.response.start", "status": 200, "headers": [(b"content-type", content_type)]}


async def test_reading_a_slow_body_is_an_error_and_closes_the_connection() -> None:
    """The application answers it; what is left of the body is not read."""
    sent: list[Message] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(ApiError, match="upload_stalled"):
            await receive()
        await send(start(b"application/json"))

    async def send(message: Message) -> None:
        sent.append(message)

    await Pacing(app, upload=SLOW, download=PATIENT)(scope(), silent, send)
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_waiting_for_the_client_to_leave_is_not_timed() -> None:
    """The body is whole; streams wait for the rest of their lives."""
    messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await asyncio.sleep(0.1)
        return {"type": "http.disconnect"}

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        assert [(await receive())["type"], (await receive())["type"]] == ["http.request", "http.disconnect"]

    await Pacing(app, upload=SLOW, download=SLOW)(scope(), receive, discarding)


async def discarding(_message: Message) -> None:
    """A client that takes everything."""


@pytest.mark.parametrize(("content_type", "goes_on"), [(b"application/zip", False), (b"text/event-stream", True)])
async def test_a_slow_reader_is_cut_off_unless_it_follows_events(*, content_type: bytes, goes_on: bool) -> None:
    """The answer is left without its end, so that the server breaks the connection."""
    taken: list[Message] = []

    end: Message = {"type": "http.response.body"}

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start(content_type))
        for _ in range(4):
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send(end)

    async def send(message: Message) -> None:
        await pause()
        taken.append(message)

    await Pacing(app, upload=PATIENT, download=SLOW)(scope(), silent, send)
    assert (end in taken) is goes_on


@pytest.mark.parametrize("more_body", [True, False])
async def test_a_piece_is_sent_in_slices(*, more_body: bool) -> None:
    """So that a slow reader of it is seen to move; nothing of it is lost."""
    taken: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start(b"application/zip"))
        await send({"type": "http.response.body", "body": bytes(range(250)) * 200, "more_body": more_body})

    async def send(message: Message) -> None:
        taken.append(message)

    await Pacing(app, upload=PATIENT, download=PATIENT)(scope(), silent, send)
    slices = taken[1:]
    assert b"".join(part["body"] for part in slices) == bytes(range(250)) * 200
    assert max(len(part["body"]) for part in slices) == SLICE_BYTES
    assert [part["more_body"] for part in slices] == [True] * 3 + [more_body]


async def test_an_error_of_the_application_is_none_of_a_slow_client() -> None:
    """It is passed on."""

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await Pacing(app, upload=SLOW, download=SLOW)(scope(), silent, discarding)


@pytest.mark.parametrize("started", [False, True])
async def test_a_request_that_is_cut_off_is_answered_unless_its_answer_has_begun(*, started: bool) -> None:
    """In the envelope, with the end of the connection."""
    sent: list[Message] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        if started:
            await send(start(b"application/zip"))
        await receive()

    async def send(message: Message) -> None:
        sent.append(message)

    serving = asyncio.create_task(CutOff(app)(scope(), silent, send))
    await asyncio.sleep(0)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    if started:
        assert (len(sent), serving.cancelled()) == (1, True)
        return
    headers = dict(sent[0]["headers"])
    assert (sent[0]["status"], headers[b"connection"], headers[b"retry-after"]) == (503, b"close", b"5")
    assert b"temporarily_unavailable" in sent[1]["body"]
