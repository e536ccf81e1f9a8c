"""Runs a worker: `python -m services.worker`."""

from services.worker.children.pool import started_children
from services.worker.metrics import LostChildren
from services.worker.service import run_worker
from services.worker.settings import WorkerSettings
from shared.bootstrap import run_service
from shared.ports import Ports
from shared.running.lifecycle import Readiness, Stopping, watching

if __name__ == "__main__":
    settings = WorkerSettings()

    async def serve(ports: Ports, *, stopping: Stopping, readiness: Readiness) -> None:
        """Develop with children of this process."""
        readiness.report("children", "still starting")
        async with started_children(settings) as children:
            readiness.report("children", None)
            ports.metrics.registry.register(LostChildren(children.lost))
            # Of a store without its marker a worker says that it is away, and never marks it: it cannot know better.
            async with watching("objects", ports.objects.check, readiness):
                await run_worker(ports, children, settings, stopping, readiness)

    run_service("worker", settings, serve)
