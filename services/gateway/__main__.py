"""Runs the gateway: `python -m services.gateway`."""

from functools import partial

from services.gateway.edge.front_door import FrontDoor
from services.gateway.service import run_gateway
from services.gateway.settings import GatewaySettings
from shared.bootstrap import run_service

if __name__ == "__main__":
    settings = GatewaySettings()
    door = FrontDoor(settings)
    run_service("gateway", settings, partial(run_gateway, settings=settings, door=door), while_starting=door.open)
