"""What a person sees of a run: a live progress bar, a summary with every failure by name, or JSON."""

import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from darkroom.develop import Developed
from darkroom.photographs import shown
from darkroom.sentences import COMPLETED, FAILED, LEFT_OUT, MORE_RENAMED, NOT_REACHED, RATE, RENAMED
from shared.documents import Batch
from shared.failure_codes import failure_sentence
from shared.note_codes import note_sentences
from shared.translated import Language

_MAX_RENAMED = 20
"""Photographs whose prints have another name, one a line at most."""


class _RateColumn(ProgressColumn):
    """Images per second of late."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} images/s", style="cyan")


class ProgressDisplay:
    """A progress bar fed with batch documents."""

    def __init__(self, console: Console, total_images: int) -> None:
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
            disable=not console.is_terminal,
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


def print_summary(results: list[Developed], out: Path, seconds: float, language: Language) -> None:
    """Say how it went on standard output, and name what failed and what is named anew on standard error."""
    completed = [result for result in results if result.outcome and result.outcome.state == "completed"]
    failed = [result for result in results if result.outcome and result.outcome.state == "failed"]
    notes = Console(stderr=True)
    _print_renamed(notes, completed, language)
    _print_failures(notes, failed, language)
    rate = RATE.in_language(language, {"rate": len(completed) / seconds}) if seconds > 0 else ""
    summary = COMPLETED.in_language(
        language,
        {
            "completed": len(completed),
            "seconds": seconds,
            "rate": rate,
            "prints": sum(len(result.prints) for result in completed),
            "folder": shown(out),
        },
    )
    _print(Console(), summary, "green")
    if failed:
        _print(notes, FAILED.in_language(language, {"count": len(failed)}), "red")
    if unreached := len(results) - len(completed) - len(failed):
        _print(notes, NOT_REACHED.in_language(language, {"count": unreached}), "yellow")


def print_left_out(left_out: Mapping[str, int], language: Language) -> None:
    """Say on standard error how many files of the named folders cannot be developed, by kind."""
    if left_out:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))
        values = {"count": sum(left_out.values()), "kinds": kinds}
        _print(Console(stderr=True), LEFT_OUT.in_language(language, values), "yellow")


def _print_failures(console: Console, failed: list[Developed], language: Language) -> None:
    rows = [
        (result.photograph.label, outcome.code or "", failure_sentence(outcome.code, outcome.message, language) or "")
        for result in failed
        if (outcome := result.outcome)
    ]
    if not console.is_terminal:
        for row in rows:
            _print(console, ": ".join(row))
    elif rows:
        table = Table(box=None, show_header=False)
        for _ in range(3):
            table.add_column(overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)


def _print_renamed(console: Console, completed: list[Developed], language: Language) -> None:
    """Say which prints are not called like their photographs: names that were shared, or too long."""
    renamed = [p for result in completed if (p := result.photograph).print_stem.name != p.path.stem]
    for photograph in renamed[:_MAX_RENAMED]:
        values = {"file": photograph.label, "name": shown(photograph.print_stem)}
        _print(console, RENAMED.in_language(language, values))
    if len(renamed) > _MAX_RENAMED:
        _print(console, MORE_RENAMED.in_language(language, {"count": len(renamed) - _MAX_RENAMED}))


def _print(console: Console, sentence: str, style: str = "") -> None:
    console.print(Text(sentence, style), soft_wrap=True)


def as_json(
    results: list[Developed], error: str | None = None, left_out: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """Counts, an entry for each image in order, and the sentence of what kept the run from going to its end.

    `left_out`: how many other files of each kind lie in the named folders.
    """
    images = [_image_as_json(result) for result in results]
    return {
        "total_images": len(images),
        "completed_images": sum(image["outcome"] == "completed" for image in images),
        "failed_images": sum(image["outcome"] == "failed" for image in images),
        "left_out": dict(sorted((left_out or {}).items())),
        "images": images,
        "error": error,
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
            {"file": shown(path), **entry.model_dump(exclude={"extension", "generation"})} for entry, path in prints
        ],
        # As the gateway names both, so that one program reads both.
        "notes": dict(note_sentences(original.notes, "en")) if original else {},
        "original": original.model_dump(mode="json") if original else None,
    }
