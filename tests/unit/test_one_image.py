"""docs/one-image.md against the calls that a photograph really makes on its way."""

import asyncio
import io
import re
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from fnmatch import fnmatch
from pathlib import Path
from types import FrameType

import httpx
from PIL import Image

from darkroom.embedded import run_pipeline
from services.gateway.edge.front_door import FrontDoor
from services.gateway.service import run_gateway
from services.gateway.settings import GatewaySettings
from services.worker.children.pool import ImageChildren
from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.adapters.object_store import open_object_store
from shared.recipes import BUILT_IN_RECIPES
from shared.running.accepting import listen
from shared.running.lifecycle import Readiness, Stopping
from shared.wiring import open_memory_ports
from tests.fakes import until

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "one-image.md"
MAX_STATIONS = 30
CHILD = "In the child"
ENTRY_OF_THE_CHILD = "_answer_next"

Call = tuple[str, str]
"""A file below the project's folder, and the function in it."""


class Calls:
    """Every call of a function of the services and of `shared`, in order."""

    def __init__(self) -> None:
        self.seen: list[Call] = []

    def pass_through(self, stations: Iterable[Call]) -> bool:
        """Whether these were called one after another, with others in between."""
        calls = iter(self.seen)
        return all(station in calls for station in stations)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what is called in this thread and in those that start meanwhile."""
        sys.setprofile(self._note)
        threading.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith((f"{ROOT}/services/", f"{ROOT}/shared/")):
            self.seen.append((path.removeprefix(f"{ROOT}/"), frame.f_code.co_qualname))


def sections() -> dict[str, list[Call]]:
    """The page's stations by the heading that they stand under."""
    found: dict[str, list[Call]] = {}
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, text = part.partition("\n")
        found[heading] = [(file, name) for file, name in re.findall(r"^\d+\. `([^`]+)` `([^`]+)`", text, re.MULTILINE)]
    return found


def beside() -> list[str]:
    """The patterns of what the page names as beside the way."""
    text = PAGE.read_text(encoding="utf-8").partition("## Beside the way")[2]
    return re.findall(r"`([^`]+)`", text)


def photograph() -> bytes:
    """A JPEG."""
    made = io.BytesIO()
    Image.new("RGB", (400, 300), (40, 90, 160)).save(made, "JPEG")
    return made.getvalue()


async def is_ready(client: httpx.AsyncClient) -> bool:
    """Whether the gateway says so."""
    return (await client.get("/readyz")).is_success


@asynccontextmanager
async def whole_darkroom() -> AsyncIterator[httpx.AsyncClient]:
    """Every service in this process, on memory, with a real child, and a client of its gateway."""
    settings, stopping, listener = GatewaySettings(), Stopping(), listen("127.0.0.1", 0)
    readiness, door = Readiness(), FrontDoor(settings, listener)
    async with (
        open_memory_ports(open_object_store("memory://")) as ports,
        ImageChildren() as children,
        door.open(readiness, stopping),
    ):
        await ports.objects.mark()
        gateway = asyncio.create_task(run_gateway(ports, settings, stopping, readiness, door))
        pipeline = asyncio.create_task(run_pipeline(ports, children, stopping))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            await until(lambda: is_ready(client))
            yield client
        stopping.set()
        await asyncio.gather(gateway, pipeline)


async def travel(calls: Calls) -> None:
    """Send a photograph along and watch until its end."""
    async with whole_darkroom() as client:
        with calls.noted():
            answer = await client.post(
                "/pipeline/batch", data={"batch_name": "one"}, files=[("files", ("a.jpg", photograph()))]
            )
            events = await client.get(f"/pipeline/batch/{answer.json()['data']['context_id']}/events")
    assert '"status":"SUCCESS"' in events.text


async def test_an_image_passes_every_station_of_its_page_in_order() -> None:
    """And no file of the services that the page does not name."""
    outside, inside = Calls(), Calls()
    await travel(outside)
    with inside.noted():
        develop_image(ImageBytes(photograph()), BUILT_IN_RECIPES["web"], ImageLimits())

    stations = sections()
    for heading, calls in stations.items():
        traced = inside if heading == CHILD else outside
        expected = [call for call in calls if call[1] != ENTRY_OF_THE_CHILD]
        assert set(expected) <= set(traced.seen), heading
        assert traced.pass_through(expected), heading

    named = {file for calls in stations.values() for file, _ in calls}
    patterns = beside()
    stray = {file for file, _ in (*outside.seen, *inside.seen) if file not in named}
    assert {file for file in stray if not any(fnmatch(file, pattern) for pattern in patterns)} == set()


def test_its_way_is_short_enough_to_be_read_in_an_afternoon() -> None:
    """And its numbers count the stations."""
    numbers = [int(number) for number in re.findall(r"^(\d+)\. `", PAGE.read_text(encoding="utf-8"), re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) <= MAX_STATIONS


def test_the_child_is_entered_where_the_page_says() -> None:
    """It is another process, so its first call is not seen."""
    ((file, name),) = [call for call in sections()[CHILD] if call[1] == ENTRY_OF_THE_CHILD]
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
