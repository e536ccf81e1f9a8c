"""What routes depend on is called on the event loop."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from services.gateway.settings import GatewaySettings
from tests.unit.gateway.conftest import application


def _dependencies(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for dependency in dependant.dependencies:
        assert dependency.call is not None
        yield dependency.call
        yield from _dependencies(dependency)


def test_nothing_that_a_route_depends_on_runs_in_a_thread(settings: GatewaySettings) -> None:
    """FastAPI calls functions that are not asynchronous in threads, where what the event loop holds is not safe."""
    routes = [route for route in iter_route_contexts(application(settings).routes) if hasattr(route, "dependant")]
    dependencies = {dependency for route in routes for dependency in _dependencies(route.dependant)}
    assert len(dependencies) > 30
    in_threads = {
        f"{dependency.__module__}.{dependency.__qualname__}"
        for dependency in dependencies
        if not (inspect.iscoroutinefunction(dependency) or inspect.isasyncgenfunction(dependency))
    }
    assert in_threads == set()
