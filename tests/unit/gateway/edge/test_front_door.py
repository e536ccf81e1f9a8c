"""The gateway's port before and after there is an application behind it."""

import pytest
from fastapi import FastAPI

from services.gateway.edge.front_door import FrontDoor
from services.gateway.settings import GatewaySettings
from shared.running.accepting import listen
from shared.running.lifecycle import Readiness, Stopping
from shared.wiring import StoppedWhileConnectingError
from tests.fakes import until


async def test_a_gateway_that_is_told_to_stop_while_it_starts_ends_in_peace() -> None:
    """Its port is closed by the time that its application is there."""
    listener, stopping, readiness = listen("127.0.0.1", 0), Stopping(), Readiness()
    door = FrontDoor(GatewaySettings(), listener)
    async with door.open(readiness, stopping):
        stopping.set()
        await until(lambda: listener.fileno() < 0)
        await door.serve(FastAPI(), readiness)


async def test_a_start_that_fails_at_once_closes_its_port() -> None:
    """Before serving has begun: another that is started by the same process could not listen."""
    listener = listen("127.0.0.1", 0)
    with pytest.raises(StoppedWhileConnectingError):
        async with FrontDoor(GatewaySettings(), listener).open(Readiness(), Stopping()):
            raise StoppedWhileConnectingError
    assert listener.fileno() < 0
