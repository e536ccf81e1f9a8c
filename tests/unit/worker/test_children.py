import subprocess
import sys

import pytest

from services.worker.children.limits import ChildLimits, usable_cores
from services.worker.children.pool import ImageChildren

HEAVY = {"fastapi", "aio_pika", "motor", "pymongo", "uvicorn", "httpx", "obstore"}


def modules_after(statement: str) -> set[str]:
    """Give the names of all top-level modules that a fresh interpreter has loaded after the statement."""
    program = f"import sys; {statement}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in loaded.stdout.split()}


def test_a_child_imports_nothing_that_talks_to_servers() -> None:
    """It starts sooner because of that, and there is less in it to attack."""
    loaded = modules_after("import services.worker.children.child, services.worker.imaging.developing")
    assert not loaded & (HEAVY | {"anyio", "structlog", "asyncio"})


def test_the_parent_never_loads_image_code() -> None:
    """The event loop's process only ever moves bytes."""
    assert "PIL" not in modules_after("import services.worker.children.pool")


def test_there_is_one_child_per_usable_core() -> None:
    """Pixels use a whole core each."""
    assert ChildLimits().worker_children == usable_cores() >= 1


def test_the_wall_clock_is_the_more_patient_limit() -> None:
    """An image that computes too long is then told from a machine that is busy with others."""
    assert ChildLimits().image_timeout_seconds > ChildLimits().child_cpu_seconds


@pytest.mark.parametrize("children", [1, 3])
def test_making_the_pool_starts_nothing(children: int) -> None:
    """Constructing is free of side effects, and needs no event loop."""
    assert ImageChildren(ChildLimits(worker_children=children)) is not None
