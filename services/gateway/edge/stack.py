"""The gateway's edge around an application, from the outside in."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from services.gateway.edge.admission import Admission
from services.gateway.edge.allowed_hosts import AllowedHosts
from services.gateway.edge.cut_off import CutOff
from services.gateway.edge.forwarded import Forwarded
from services.gateway.edge.other_sites import OtherSites
from services.gateway.edge.pacing import Pacing
from services.gateway.edge.security_headers import SecurityHeaders
from services.gateway.edge.transfer import TransferLimits
from services.gateway.settings import GatewaySettings

# Browsers hide all but a few basic headers from pages of other origins.
_EXPOSED_HEADERS = ["Content-Disposition", "ETag", "Location", "Retry-After"]


def behind_edge(app: ASGIApp, settings: GatewaySettings, listening_on: str) -> ASGIApp:
    """The application as clients reach it; `listening_on` is the address of the socket."""
    hosts = AllowedHosts((*settings.allowed_hosts, settings.host), listening_on)
    app = CutOff(
        Pacing(
            app,
            upload=_transfer_limits(settings, settings.upload_idle_timeout_seconds),
            download=_transfer_limits(settings, settings.download_idle_timeout_seconds),
        )
    )
    # Inside the admission, so that no preflight is answered under a foreign host name.
    if settings.cors_origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
            allow_headers=["*"],
            expose_headers=_EXPOSED_HEADERS,
        )
    app = Admission(app, hosts.check, OtherSites(settings.cors_origins).check)
    app = Forwarded(app, settings.trusted_proxies, settings.root_path)
    # A page under a foreign name could send the proxies' headers as well, so the name is checked before and after them.
    # No header names the origins whose pages may embed an image, so allowing one allows all.
    return SecurityHeaders(Admission(app, hosts.check), embeddable=bool(settings.cors_origins))


def _transfer_limits(settings: GatewaySettings, patience_seconds: float) -> TransferLimits:
    return TransferLimits(patience_seconds, settings.min_bytes_per_second, settings.max_transfer_seconds)
