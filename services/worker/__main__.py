"""Runs a worker: `python -m services.worker`."""

from services.worker.children import ChildLimits, ImageChildren
from services.worker.service import run_worker
from services.worker.settings import WorkerSettings
from shared.adapters.servers import run_service
from shared.lifecycle import Readiness, Stopping
from shared.ports import Ports

if __name__ == "__main__":
    settings = WorkerSettings()

    async def serve(ports: Ports, *, stopping: Stopping, readiness: Readiness) -> None:
        """Develop with children of this process."""
        async with ImageChildren(ChildLimits(children=settings.worker_children)) as children:
            readiness.report("children", "still starting")
            await children.warm_up()
            readiness.report("children", None)
            await run_worker(ports, children, settings, stopping, readiness)

    run_service("worker", settings, serve)
