"""The gateway's port before and after there is an application behind it."""

from fastapi import FastAPI

from services.gateway.edge.front_door import FrontDoor
from services.gateway.settings import GatewaySettings
from shared.running.accepting import listen
from shared.running.lifecycle import Readiness, Stopping
from tests.fakes import until


async def test_a_gateway_that_is_told_to_stop_while_it_starts_ends_in_peace() -> None:
    """Its port is closed by the time that its application is there."""
    listener, stopping, readiness = listen("127.0.0.1", 0), Stopping(), Readiness()
    door = FrontDoor(GatewaySettings(), listener)
    async with door.open(readiness, stopping):
        stopping.set()
        await until(lambda: listener.fileno() < 0)
        await door.serve(FastAPI(), readiness)
