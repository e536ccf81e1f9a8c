"""Requests counted by route, and the streams that are open."""

import time
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics.seconds import SecondsHistogram

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"
"""The label of what a client has made up, so that there is an end of labels."""


class RequestCounts:
    """Counts of requests, their answers and what is open."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "darkroom_http_requests_total", "Answers to requests.", ["method", "route", "status"], registry=registry
        )
        self.seconds = SecondsHistogram(
            "darkroom_http_request_seconds", "Time until an answer begins, uploads included.", ["route"], registry
        )
        self.received_bytes = Counter(
            "darkroom_upload_bytes_total", "Bytes of requests' bodies, nearly all of uploads.", registry=registry
        )
        self.streams = Gauge("darkroom_streams", "Event streams that are open.", ["transport"], registry=registry)
        for transport in ("sse", "websocket"):
            self.streams.labels(transport)


class RequestMetrics:
    """Counts what an application is asked and answers. A route is named by its template, never by a client's text."""

    def __init__(self, app: ASGIApp, counts: RequestCounts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        if scope["type"] == "websocket":
            with self._counts.streams.labels("websocket").track_inprogress():
                await self._app(scope, receive, send)
            return
        answer = _Answer(self._counts, scope, receive, send)
        try:
            await self._app(scope, answer.receive, answer.send)
        finally:
            answer.end()


@dataclass
class _Answer:
    counts: RequestCounts
    scope: Scope
    inner_receive: Receive
    inner_send: Send
    _asked: float = field(default_factory=time.perf_counter)
    _is_event_stream: bool = False

    async def receive(self) -> Message:
        message = await self.inner_receive()
        self.counts.received_bytes.inc(len(message.get("body", b"")))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._count(message)
        await self.inner_send(message)

    def end(self) -> None:
        if self._is_event_stream:
            self.counts.streams.labels("sse").dec()

    def _count(self, start: Message) -> None:
        route = _template(self.scope)
        method = self.scope["method"] if self.scope["method"] in _METHODS else _OTHER
        self.counts.requests.labels(method, route, str(start["status"])).inc()
        self.counts.seconds.labels(route).observe(time.perf_counter() - self._asked)
        self._is_event_stream = Headers(raw=start["headers"]).get("content-type", "").startswith("text/event-stream")
        if self._is_event_stream:
            self.counts.streams.labels("sse").inc()


def _template(scope: Scope) -> str:
    route: Any = scope.get("route")
    return str(getattr(route, "path", _OTHER))
