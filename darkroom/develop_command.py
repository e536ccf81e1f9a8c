"""`darkroom develop`: what is typed, and what it answers."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from darkroom import recipes
from darkroom.develop import Developed, develop
from darkroom.earlier_prints import mark_prints, print_folders
from darkroom.language import terminal_language
from darkroom.photographs import (
    Photograph,
    Selection,
    endangered,
    find_photographs,
    named_as_out,
    named_special_file,
    shown,
)
from darkroom.report import ProgressDisplay, as_json, print_left_out, print_summary
from darkroom.sentences import (
    DISK_FULL,
    EARLIER_PRINTS,
    FILE_MISSING,
    FOLDER_IS_OUT,
    NO_PHOTOGRAPHS,
    NO_PROCESS,
    OUT_UNWRITABLE,
    PRINT_ENDANGERS,
    SPECIAL_FILE,
)
from darkroom.usage import CallError, exit_with
from services.worker.children.process import ChildNotStartedError
from shared.recipes import Recipe
from shared.running.lifecycle import Stopping, run_until_signal
from shared.running.logs import configure_logs

INTERRUPTED = 130


def develop_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILES_OR_FOLDERS...", show_default=False)],
    out: Annotated[Path, typer.Option(file_okay=False, help="The folder for the prints; made if missing.")],
    recipe: Annotated[
        str | None,
        typer.Option(help="What to make of each photograph; see `darkroom recipes`. [default: web]", metavar="NAME"),
    ] = None,
    options: Annotated[
        str | None,
        typer.Option(
            help="A recipe of your own instead, as JSON or as a file that holds it; see `darkroom recipes reference`.",
            metavar="JSON_OR_FILE",
        ),
    ] = None,
    *,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print one JSON object with an entry for each image.")
    ] = False,
) -> None:
    """Develop photographs in this process: nothing to install, nothing to start.

    Exit status: 0 when all were completed, 1 when some failed, 2 for a wrong call, 130 when interrupted.
    """
    _log_to_person()
    try:
        chosen = recipes.chosen(recipe, options)
        selection = _selection(files, out, chosen)
        results, seconds, stopped_by = _developed(selection.photographs, out, chosen)
    except CallError as error:
        if json_output:
            _print_json([], error)
        raise exit_with(error) from error
    if json_output:
        _print_json(results, stopped_by, selection.left_out)
    else:
        print_summary(results, out, seconds, terminal_language())
        print_left_out(selection.left_out, terminal_language())
    if stopped_by:
        raise exit_with(stopped_by)
    raise typer.Exit(_exit_status(results))


def _print_json(results: list[Developed], error: CallError | None, left_out: Mapping[str, int] | None = None) -> None:
    report = as_json(results, str(error) if error else None, left_out)
    typer.echo(json.dumps(report, ensure_ascii=False, indent=2))


def _developed(
    photographs: Sequence[Photograph], out: Path, recipe: Recipe
) -> tuple[list[Developed], float, CallError | None]:
    """What became of each photograph, the seconds that it took, and what stopped it before the end.

    Raises `CallError` if nothing can be developed.
    """
    _make_folder(out, recipe)
    full: list[CallError] = []
    results = [Developed(photograph, None, ()) for photograph in photographs]
    with ProgressDisplay(Console(stderr=True), len(photographs)) as display:

        async def run(stopping: Stopping) -> None:
            results[:] = await develop(
                photographs,
                out,
                recipe,
                display.show,
                lambda: full.append(CallError(DISK_FULL, 1, folder=shown(out))),
                stopping,
            )

        no_process = False
        try:
            asyncio.run(run_until_signal(run))
        except* ChildNotStartedError:
            no_process = True
    if no_process:
        raise CallError(NO_PROCESS, 1)
    return results, display.elapsed_seconds, full[0] if full else None


def _selection(files: list[Path], out: Path, recipe: Recipe) -> Selection:
    for file in files:
        if not file.exists():
            raise CallError(FILE_MISSING, file=shown(file))
    if special := named_special_file(files):
        raise CallError(SPECIAL_FILE, file=shown(special))
    if folder := named_as_out(files, out):
        raise CallError(FOLDER_IS_OUT, folder=shown(folder), other=shown(folder / "prints"))
    left_out = [shown(folder) for file in files if file.is_dir() for folder in print_folders(file)]
    if left_out:
        sentence = EARLIER_PRINTS.in_language(terminal_language(), {"folders": ", ".join(left_out)})
        Console(stderr=True).print(Text(sentence), soft_wrap=True)
    found = find_photographs(files, out)
    if not found.photographs:
        print_left_out(found.left_out, terminal_language())
        raise CallError(NO_PHOTOGRAPHS)
    if victim := endangered(found.photographs, out, [output.name for output in recipe.outputs]):
        raise CallError(PRINT_ENDANGERS, file=victim.label)
    return found


def _log_to_person() -> None:
    """Keep the log quiet: what a person needs to know is in the progress bar and the summary."""
    configure_logs("darkroom", level="CRITICAL")


def _make_folder(out: Path, recipe: Recipe) -> None:
    """Find out before the work whether the prints can be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        mark_prints(out, [output.name for output in recipe.outputs])
    except OSError as error:
        raise CallError(OUT_UNWRITABLE, folder=shown(out), reason=error.strerror or error) from error


def _exit_status(results: list[Developed]) -> int:
    if any(result.outcome is None for result in results):
        return INTERRUPTED
    return int(any(result.outcome and result.outcome.state == "failed" for result in results))
