"""Runs a service's own entry point with crash points in it: `python -m tests.chaos.service worker ORDERS_FOLDER`.

Nothing of the service is restated here: only what it is wired with is taken hold of at two seams, `open_ports` and
the image engine.
"""

import runpy
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

from services.tracker.handlers import TrackerHandlers
from services.worker.children.pool import ImageChildren
from services.worker.imaging.prints import DevelopedImage
from shared.ports import Ports
from shared.recipes import Recipe
from shared.running.lifecycle import Readiness, Stopping
from shared.running.settings import ServiceSettings
from shared.wiring import open_ports
from tests.chaos.orders import Obedience
from tests.chaos.pictures import ends_its_worker
from tests.chaos.wrapping import wrapped_ports

CHUNKS_PER_SEAL = 8
"""Instead of a thousand, so that batches of this size are sealed as huge ones are."""


async def _always() -> None:
    """Nothing stands in the way of an image."""


def main(service: str, folder: Path) -> None:
    """Run the service until it is told to stop, or dies."""
    obedience = Obedience(service, folder)
    develop = ImageChildren.develop

    @asynccontextmanager
    async def open_wrapped(
        settings: ServiceSettings, name: str, readiness: Readiness, stopping: Stopping
    ) -> AsyncIterator[Ports]:
        async with open_ports(settings, name, readiness, stopping) as ports:
            yield wrapped_ports(ports, obedience)

    async def develop_or_die(
        self: ImageChildren, data: bytes, recipe: Recipe, may_begin: Callable[[], Awaitable[object]] = _always
    ) -> DevelopedImage:
        if ends_its_worker(data):
            obedience.die("image")
        return await develop(self, data, recipe, may_begin)

    limits = TrackerHandlers.__init__.__kwdefaults__ or {}
    assert "chunks_per_seal" in limits  # another name would limit nothing, and not be noticed
    patch.dict(limits, chunks_per_seal=CHUNKS_PER_SEAL).start()
    patch("shared.bootstrap.open_ports", open_wrapped).start()
    ImageChildren.develop = develop_or_die  # type: ignore[method-assign]  # the engine itself stays the real one
    runpy.run_module(f"services.{service}", run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
