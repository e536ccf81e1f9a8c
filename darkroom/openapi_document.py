"""The OpenAPI document without a server: for generators of clients, and for the types of the page."""

import json

from services.gateway.app import bare_app
from services.gateway.settings import GatewaySettings


def openapi_document() -> str:
    """The document of this version's API, as JSON."""
    return json.dumps(bare_app(GatewaySettings()).openapi(), ensure_ascii=False, indent=2)
