"""The command `python -m examples.sample_photographs FOLDER`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from examples.sample_photographs import write_sample_photographs

application = typer.Typer(add_completion=False)


@application.command()
def main(
    folder: Annotated[Path, typer.Argument(help="Where to write them; made if missing.", file_okay=False)],
    count: Annotated[int, typer.Option(min=1, help="How many photographs.")] = 60,
    megapixels: Annotated[float, typer.Option(min=0.01, max=100, help="Size of each photograph.")] = 12.0,
    seed: Annotated[int, typer.Option(help="Another seed gives other photographs.")] = 0,
) -> None:
    """Fill a folder with real-looking photographs, as if cameras had taken them."""
    with Progress(transient=True) as bar:
        task = bar.add_task("Taking photographs", total=count)
        paths = write_sample_photographs(folder, count, megapixels, seed, progress=lambda _: bar.advance(task))
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    typer.echo(f"{len(paths)} photographs, {megabytes:.1f} MB, in {folder}")


if __name__ == "__main__":
    application()
