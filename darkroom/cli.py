"""The `darkroom` command."""

import asyncio
import errno
import json
import socket
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from darkroom import dead, recipes
from darkroom.develop_command import develop_command
from darkroom.version import version_text
from shared.errors import DarkroomError, leaves
from shared.running.former_settings import warn_of_former_names
from shared.running.lifecycle import run_until_signal
from shared.running.logs import configure_logs

_UNKNOWN_HOST = {socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_AGAIN}

app = typer.Typer(
    name="darkroom",
    help="Develop photographs by the thousand.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.command("develop")(develop_command)
app.add_typer(dead.app, name="dead")
app.add_typer(recipes.app, name="recipes")


def _print_version() -> None:
    typer.echo(version_text())
    raise typer.Exit


@app.callback()
def show_version(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda asked: _print_version() if asked else None,
            is_eager=True,
            help="Print the versions of Darkroom, Pillow and the codecs.",
        ),
    ] = False,
) -> None:
    """Develop photographs by the thousand."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one. [default: 8000]")
    ] = None,
    *,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
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
        asyncio.run(run_until_signal(lambda stopping: serve_here(settings, stopping, open_browser=open_browser)))
    except* OSError as group:
        if not _is_address_error(group):
            raise
        where = f"{settings.host}, port {settings.port}"
        refused = f"Cannot listen on {where}: it is taken, or no address of this machine. Try another --host or --port."
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


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of the server's API, for generators of clients."""
    from services.gateway.app import bare_app  # noqa: PLC0415 - as above
    from services.gateway.settings import GatewaySettings  # noqa: PLC0415 - as above

    typer.echo(json.dumps(bare_app(GatewaySettings()).openapi(), ensure_ascii=False, indent=2))


def main() -> None:
    """Run the command."""
    app()


def _is_address_error(group: BaseExceptionGroup[OSError]) -> bool:
    codes = {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES, *_UNKNOWN_HOST}
    return group.subgroup(lambda error: isinstance(error, OSError) and error.errno in codes) is not None
