"""What a person sees of a run: a live progress bar, a summary with every failure by name, or JSON."""

import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from darkroom.develop import Developed
from darkroom.photographs import shown
from shared.documents import Batch

_NOTHING: Mapping[str, int] = MappingProxyType({})


class _RateColumn(ProgressColumn):
    """Images per second of late."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} images/s", style="cyan")


class ProgressDisplay:
    """A progress bar fed with batch documents."""

    def __init__(self, console: Console, total_images: int, *, visible: bool) -> None:
        self._started = time.monotonic()
        self._stopped: float | None = None
        self._progress = Progress(
            TextColumn("[bold]Developing"),
            BarColumn(),
            MofNCompleteColumn(),
            _RateColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            TextColumn("{task.fields[failures]}"),
            console=console,
            disable=not visible,
        )
        self._task = self._progress.add_task("develop", total=total_images, failures="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped = time.monotonic()
        self._progress.stop()

    @property
    def elapsed_seconds(self) -> float:
        """Since the display was made, until it was closed."""
        return (self._stopped or time.monotonic()) - self._started

    def show(self, batch: Batch) -> None:
        """Bring the bar up to date."""
        failures = f"[red]{batch.failed_images} failed" if batch.failed_images else ""
        self._progress.update(self._task, completed=batch.ended_images, failures=failures)


def print_summary(
    console: Console, results: list[Developed], out: Path, seconds: float, left_out: Mapping[str, int] = _NOTHING
) -> None:
    """Say how it went, name every failure with its reason, say where the prints are, and what was left out."""
    completed = [result for result in results if result.outcome and result.outcome.state == "completed"]
    failed = [result for result in results if result.outcome and result.outcome.state == "failed"]
    unreached = len(results) - len(completed) - len(failed)
    if failed:
        console.print(_failures(failed))
    prints = sum(len(result.prints) for result in completed)
    rate = f" ({len(completed) / seconds:.1f} images/s)" if seconds > 0 else ""
    where = escape(shown(out))
    console.print(f"[green]{len(completed)} completed[/] in {seconds:.1f} s{rate}: {prints} prints in [bold]{where}[/]")
    if failed:
        console.print(f"[red]{len(failed)} failed[/], each named above with its reason")
    if unreached:
        console.print(f"[yellow]{unreached} not reached[/]: run the same command again to develop them")
    print_left_out(console, left_out)


def print_left_out(console: Console, left_out: Mapping[str, int]) -> None:
    """Say how many files of the named folders are none that can be developed, by kind."""
    if left_out:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))
        console.print(f"[yellow]{sum(left_out.values())} other files left out[/]: {escape(kinds)}")


def _failures(failed: list[Developed]) -> Table:
    table = Table("file", "code", "reason", title="Failed", title_justify="left", title_style="red")
    for result in failed:
        if result.outcome is not None:
            path, code = Text(result.photograph.label), Text(result.outcome.code or "")
            table.add_row(path, code, Text(result.outcome.message or ""))
    return table


def as_json(results: list[Developed], left_out: Mapping[str, int] = _NOTHING) -> dict[str, Any]:
    """Give the same as one JSON-ready object: counts, and an entry for each image in order."""
    images = [_image_as_json(result) for result in results]
    return {
        "total_images": len(images),
        "completed_images": sum(image["outcome"] == "completed" for image in images),
        "failed_images": sum(image["outcome"] == "failed" for image in images),
        "left_out": dict(sorted(left_out.items())),
        "images": images,
    }


def _image_as_json(result: Developed) -> dict[str, Any]:
    outcome = result.outcome
    prints = zip(outcome.prints, result.prints, strict=True) if outcome else ()
    original = outcome.original if outcome else None
    return {
        "file": result.photograph.label,
        "outcome": outcome.state if outcome else "not_reached",
        "code": outcome.code if outcome else None,
        "message": outcome.message if outcome else None,
        "duration_ms": outcome.duration_ms if outcome else None,
        "prints": [
            {
                "output": entry.output,
                "file": shown(path),
                "media_type": entry.media_type,
                "width": entry.width,
                "height": entry.height,
                "size_bytes": entry.size_bytes,
            }
            for entry, path in prints
        ],
        # As the gateway names it, so that one program reads both.
        "original": original.model_dump(mode="json") if original else None,
    }
