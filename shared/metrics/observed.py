"""A port whose calls are observed on their way, so that neither adapters nor handlers know of metrics."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

Port = TypeVar("Port")

Observe = Callable[[float, Any], None]
"""Called with the seconds that a call took and its answer; with the error instead of an answer if it raised one."""


class _ObservedPort:
    """Passes everything on to a port; calls of the names in `observers` are observed."""

    def __init__(self, port: object, observers: Mapping[str, Observe]) -> None:
        self._port = port
        for name, observe in observers.items():
            setattr(self, name, _observed(getattr(port, name), observe))

    def __getattr__(self, name: str) -> Any:
        """Whatever is not observed is the port's own."""
        return getattr(self._port, name)


def observed(port: Port, observers: Mapping[str, Observe]) -> Port:
    """The same port; each of the named calls, which are coroutines, is observed when it ends."""
    return cast("Port", _ObservedPort(port, observers))


def _observed(call: Callable[..., Awaitable[Any]], observe: Observe) -> Callable[..., Awaitable[Any]]:
    async def observed_call(*arguments: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            answer = await call(*arguments, **options)
        except Exception as error:
            observe(time.perf_counter() - began, error)
            raise
        observe(time.perf_counter() - began, answer)
        return answer

    return observed_call
