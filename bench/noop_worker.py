"""Runs a worker that touches no pixels: `python -m bench.noop_worker`; all else is as in `services.worker`."""

from bench.noop_engine import NoopEngine
from services.worker.service import run_worker
from services.worker.settings import WorkerSettings
from shared.bootstrap import run_service
from shared.ports import Ports
from shared.running.lifecycle import Readiness, Stopping

if __name__ == "__main__":
    settings = WorkerSettings()

    async def serve(ports: Ports, stopping: Stopping, readiness: Readiness) -> None:
        """Work without children."""
        await run_worker(ports, NoopEngine(), settings, stopping, readiness)

    run_service("worker", settings, serve)
