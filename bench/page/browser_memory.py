"""How much memory a browser takes, as the kernel counts it: proportional set sizes, in MB.

Memory that several processes share counts once in all, so the sum over a browser's processes is what it takes.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import CDPSession

SAMPLE_SECONDS = 0.5


@dataclass(frozen=True)
class Megabytes:
    """Of all processes of the browser, and of those alone that show pages."""

    browser: float = 0.0
    renderers: float = 0.0

    def beyond(self, other: "Megabytes") -> "Megabytes":
        """What is more than in the other."""
        return Megabytes(self.browser - other.browser, self.renderers - other.renderers)

    def most(self, other: "Megabytes") -> "Megabytes":
        """The larger of each."""
        return Megabytes(max(self.browser, other.browser), max(self.renderers, other.renderers))


async def processes(devtools: CDPSession) -> dict[int, str]:
    """The browser's processes by id, with what each is: `browser`, `renderer`, `GPU` and so on."""
    found = await devtools.send("SystemInfo.getProcessInfo")
    return {process["id"]: process["type"] for process in found["processInfo"]}


async def read_memory(devtools: CDPSession) -> Megabytes:
    """What the browser takes at present; `devtools` is the session of the browser itself."""
    browser = renderers = 0.0
    for pid, kind in (await processes(devtools)).items():
        size = _megabytes(pid)
        browser += size
        renderers += size if kind == "renderer" else 0.0
    return Megabytes(browser, renderers)


async def peak_memory(devtools: CDPSession, work: asyncio.Task[int]) -> Megabytes:
    """The most that the browser takes until the task ends, of two looks a second; raises what the task does."""
    peak = await read_memory(devtools)
    while not work.done():
        await asyncio.wait([work], timeout=SAMPLE_SECONDS)
        peak = peak.most(await read_memory(devtools))
    await work
    return peak


def _megabytes(pid: int) -> float:
    with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6
    return 0.0
