"""Requests counted by route: no label comes from a client's text."""

import asyncio
from collections.abc import AsyncIterator

import httpx
from fastapi import FastAPI, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.edge.request_metrics import RequestCounts, RequestMetrics
from shared.metrics import Metrics
from tests.fakes import until

OPEN = "darkroom_streams"


def watched(metrics: Metrics) -> FastAPI:
    """An application with one route that takes an id, and one that streams until it is left."""
    app = FastAPI(openapi_url=None)

    @app.post("/batch/{batch_id}")
    async def take(batch_id: str, request: Request) -> str:
        return f"{batch_id}: {len(await request.body())}"

    @app.get("/events", response_class=EventSourceResponse)
    async def follow() -> AsyncIterator[ServerSentEvent]:
        await until(lambda: metrics.registry.get_sample_value(OPEN, {"transport": "sse"}) == 1)
        yield ServerSentEvent(data="open")

    app.add_middleware(RequestMetrics, counts=metrics.of(RequestCounts))
    return app


def client(metrics: Metrics) -> httpx.AsyncClient:
    """A client of that application."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(watched(metrics)), base_url="http://127.0.0.1")


def labels(metrics: Metrics) -> set[tuple[str, str, str]]:
    """Method, route and status of everything that was counted."""
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"])
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "darkroom_http_requests_total"
    }


words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=12)


@given(st.lists(st.tuples(st.sampled_from(["GET", "POST", "BREW"]), st.lists(words, min_size=1, max_size=3))))
def test_labels_are_templates_and_known_methods_whatever_is_asked(asked: list[tuple[str, list[str]]]) -> None:
    """Neither an id nor a path that nobody serves nor a made-up method becomes a label."""
    metrics = Metrics()

    async def ask() -> None:
        async with client(metrics) as asking:
            for method, path in asked:
                await asking.request(method, f"/{'/'.join(path)}")

    asyncio.run(ask())
    routes = {route for _, route, _ in labels(metrics)}
    assert routes <= {"/batch/{batch_id}", "/events", "other"}
    assert {method for method, _, _ in labels(metrics)} <= {"GET", "POST", "other"}


async def test_requests_are_counted_by_template_with_their_bytes_and_time() -> None:
    """A body's bytes as they come."""
    metrics = Metrics()
    async with client(metrics) as asking:
        for batch_id in ("one", "two"):
            await asking.post(f"/batch/{batch_id}", content=b"x" * 100)
    read, route = metrics.registry.get_sample_value, "/batch/{batch_id}"
    assert read("darkroom_http_requests_total", {"method": "POST", "route": route, "status": "200"}) == 2
    assert read("darkroom_http_request_seconds_count", {"route": route}) == 2
    assert read("darkroom_upload_bytes_total") == 200


async def test_an_event_stream_is_open_until_it_ends() -> None:
    """While it runs, it counts as one."""
    metrics = Metrics()
    async with client(metrics) as asking:
        answer = await asking.get("/events")
    assert "open" in answer.text
    assert metrics.registry.get_sample_value(OPEN, {"transport": "sse"}) == 0
