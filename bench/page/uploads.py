"""The same folder uploaded by curl and through the page, in turn."""

import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.async_api import Browser

from bench.own_gateway import OwnGateway
from bench.page.browser_memory import processes
from bench.page.dropping import upload_dropped
from bench.processor_time import ProcessorMeter
from bench.report import Section

GOAL = 0.8
CURL = "curl"
PAGE = "page"


@dataclass(frozen=True)
class Uploaded:
    """One upload: its seconds, processor seconds of the client and of the gateway, and the page's longest task."""

    way: str
    seconds: float
    client_seconds: float
    gateway_seconds: float
    longest_task_ms: float = 0.0


async def uploads(browser: Browser, gateway: OwnGateway, folder: Path, size: int, rounds: int) -> list[Section]:
    """Upload the folder by curl in one request, as documented, and by dropping it on the page, round after round."""
    address = f"http://127.0.0.1:{gateway.port}"
    runs: list[Uploaded] = []
    for _ in range(rounds):
        os.sync()
        runs.append(_by_curl(address, gateway, folder))
        os.sync()
        runs.append(await _by_page(browser, address, gateway, folder))
    return [_rates(runs, size)]


def _by_curl(address: str, gateway: OwnGateway, folder: Path) -> Uploaded:
    files = (f'form = "files=@{path}"\n' for path in sorted(folder.iterdir()))
    arguments = [CURL, "--fail", "--silent", "--show-error", "--output", os.devnull, "--config", "-"]
    command = [*arguments, "--form", "batch_name=curl", f"{address}/pipeline/batch"]
    meter, spent_before, began = (
        ProcessorMeter({"gateway": [gateway.process.pid]}),
        _children_seconds(),
        time.monotonic(),
    )
    subprocess.run(command, input="".join(files), text=True, check=True)
    seconds = time.monotonic() - began
    return Uploaded(CURL, seconds, _children_seconds() - spent_before, meter.spent()["gateway"])


async def _by_page(browser: Browser, address: str, gateway: OwnGateway, folder: Path) -> Uploaded:
    devtools = await browser.new_browser_cdp_session()
    (pid,) = (pid for pid, kind in (await processes(devtools)).items() if kind == "browser")
    meter = ProcessorMeter({"gateway": [gateway.process.pid], "browser": [pid]})
    dropped = await upload_dropped(browser, address, folder)
    spent = meter.spent()
    client = spent["browser"] + spent["browser children"]
    return Uploaded(PAGE, dropped.seconds, client, spent["gateway"], dropped.longest_task_ms)


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _rates(runs: Sequence[Uploaded], size: int) -> Section:
    ways = {way: [run for run in runs if run.way == way] for way in (CURL, PAGE)}
    rows = [_row(way, of_way, size) for way, of_way in ways.items()]
    ratios = sorted(one.seconds / other.seconds for one, other in zip(*ways.values(), strict=True))
    verdict = "reached" if median(ratios) >= GOAL else "missed"
    spread = f"{ratios[0]:.2f}-{ratios[-1]:.2f}"
    rows.append(("page / curl", f"{median(ratios):.2f} ({spread}), goal {GOAL:g}, {verdict}", "", "", ""))
    columns = ("way", "MB/s", "its processor s", "gateway's", "longest task, ms")
    return Section(f"{size / 1e6:,.0f} MB uploaded", columns, tuple(rows))


def _row(way: str, runs: Sequence[Uploaded], size: int) -> tuple[str, ...]:
    rates = sorted(size / run.seconds / 1e6 for run in runs)
    figures: Mapping[str, float] = {
        "client": median(run.client_seconds for run in runs),
        "gateway": median(run.gateway_seconds for run in runs),
    }
    longest = max(run.longest_task_ms for run in runs)
    return (
        way,
        f"{median(rates):.0f} ({rates[0]:.0f}-{rates[-1]:.0f})",
        f"{figures['client']:.1f}",
        f"{figures['gateway']:.1f}",
        f"{longest:.0f}" if longest else "",
    )
