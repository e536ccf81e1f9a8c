"""The `darkroom` command."""

import asyncio
import errno
import json
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from darkroom import dead, recipes
from darkroom.develop import Developed, develop
from darkroom.photographs import Selection, endangered, find_photographs, named_as_out, named_special_file, shown
from darkroom.report import ProgressDisplay, as_json, print_left_out, print_summary
from darkroom.usage import USAGE
from services.worker.children.process import ChildNotStartedError
from shared.errors import DarkroomError, leaves
from shared.recipes import Recipe
from shared.running.former_settings import warn_of_former_names
from shared.running.lifecycle import Stopping, run_until_signal
from shared.running.logs import configure_logs

INTERRUPTED = 130

app = typer.Typer(
    name="darkroom",
    help="Develop photographs by the thousand.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(dead.app, name="dead")
app.add_typer(recipes.app, name="recipes")


@app.command("develop")
def develop_command(
    files: Annotated[
        list[Path], typer.Argument(exists=True, readable=True, metavar="FILES_OR_FOLDERS...", show_default=False)
    ],
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
    json_output: Annotated[  # noqa: FBT002 - typer makes it an option
        bool, typer.Option("--json", help="Print one JSON object with an entry for each image, and nothing else.")
    ] = False,
) -> None:
    """Develop photographs in this process: nothing to install, nothing to start.

    Exit status: 0 when all were completed, 1 when some failed, 2 for a wrong call, 130 when interrupted.
    """
    console = Console(stderr=json_output)
    chosen = recipes.chosen(recipe, options, console)
    selection = _selection(files, out, chosen, console)
    photographs = selection.photographs
    _make_folder(out, console)
    _log_to_person()
    results: list[Developed] = []
    refused = ""
    with ProgressDisplay(console, len(photographs), visible=not json_output) as display:

        async def run(stopping: Stopping) -> None:
            results.extend(await develop(photographs, out, chosen, display.show, stopping))

        try:
            asyncio.run(run_until_signal(run))
        except* ChildNotStartedError:
            refused = "No process could be started to develop photographs: this machine has no room for one at present."
    if refused:
        Console(stderr=True).print(f"[red]{escape(refused)}[/]")
        raise typer.Exit(1)
    if json_output:
        typer.echo(json.dumps(as_json(results, selection.left_out), ensure_ascii=False, indent=2))
    else:
        print_summary(console, results, out, display.elapsed_seconds, selection.left_out)
    raise typer.Exit(_exit_status(results, len(photographs)))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one. [default: 8000]")
    ] = None,
) -> None:
    """Run the gateway and all services in this process, on this machine alone unless --host says otherwise.

    Messages and documents stay in memory unless DARKROOM_RABBITMQ_URL and DARKROOM_MONGODB_URL are set; the services'
    other DARKROOM_ variables count as well.
    """
    from darkroom.serve import serve_here  # noqa: PLC0415 - other commands need not wait for the web framework
    from services.gateway.settings import GatewaySettings  # noqa: PLC0415 - as above

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = GatewaySettings(**given)  # type: ignore[arg-type]  # checked by the model
    configure_logs("darkroom", settings.log_level, settings.log_format)
    settings.restrict_files()
    warn_of_former_names()
    refused = ""
    try:
        asyncio.run(run_until_signal(lambda stopping: serve_here(settings, stopping)))
    except* OSError as group:
        if not _is_address_error(group):
            raise
        where = f"{settings.host}, port {settings.port}"
        refused = f"Cannot listen on {where}: it is taken, or not this machine's. Try another --port."
    except* DarkroomError as group:
        refused = "; ".join(str(error) for error in leaves(group))
    if refused:
        Console(stderr=True).print(f"[red]{escape(refused)}[/]")
        raise typer.Exit(1)


@app.command()
def settings() -> None:
    """Print every setting with its default, as Markdown: docs/settings.md."""
    from darkroom.settings_reference import settings_reference  # noqa: PLC0415 - as above

    typer.echo(settings_reference(), nl=False)


def main() -> None:
    """Run the command."""
    app()


def _is_address_error(group: BaseExceptionGroup[OSError]) -> bool:
    codes = {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}
    return group.subgroup(lambda error: isinstance(error, OSError) and error.errno in codes) is not None


def _selection(files: list[Path], out: Path, recipe: Recipe, console: Console) -> Selection:
    if special := named_special_file(files):
        console.print(f"[red]{escape(shown(special))} is no file but a pipe, socket or device.[/] Name image files.")
        raise typer.Exit(USAGE)
    if folder := named_as_out(files, out):
        name, other = escape(shown(folder)), escape(shown(folder / "prints"))
        console.print(
            f"[red]{name} holds the photographs themselves.[/] Name another folder for --out, {other} for example."
        )
        raise typer.Exit(USAGE)
    found = find_photographs(files, out)
    if not found.photographs:
        console.print("[red]No photographs found.[/] Name image files, or folders that hold some.")
        print_left_out(console, found.left_out)
        raise typer.Exit(USAGE)
    if victim := endangered(found.photographs, out, [output.name for output in recipe.outputs]):
        name = escape(victim.label)
        console.print(f"[red]A print would take the place of {name}.[/] Name another folder for --out.")
        raise typer.Exit(USAGE)
    return found


def _log_to_person() -> None:
    """Keep the log quiet: what a person needs to know is in the progress bar and the summary."""
    configure_logs("darkroom", level="CRITICAL")


def _make_folder(out: Path, console: Console) -> None:
    """Find out before the work whether the prints can be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=out):
            pass
    except OSError as error:
        console.print(f"[red]Cannot write into {escape(str(out))}:[/] {error.strerror or error}. Choose another --out.")
        raise typer.Exit(USAGE) from error


def _exit_status(results: list[Developed], photographs: int) -> int:
    # There are no results at all when the run was cut short by a second signal.
    if len(results) < photographs or any(result.outcome is None for result in results):
        return INTERRUPTED
    return int(any(result.outcome and result.outcome.state == "failed" for result in results))
