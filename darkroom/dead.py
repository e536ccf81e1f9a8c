"""`darkroom dead`: messages that could not be read or finished, to look at, send again or throw away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.adapters.rabbitmq.administration import Administration, open_administration
from shared.errors import DarkroomError
from shared.messaging.topology import Queue, find_queue, work_queues
from shared.running.settings import ServiceSettings

MAX_SHOWN_CHARACTERS = 2000

T = TypeVar("T")
QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="The queue they came from, such as tracker.results.")]
Limit = Annotated[int, typer.Option("--limit", "--most", min=1, max=10_000, help="How many at most.")]

app = typer.Typer(
    help="Dead letters: messages that could not be read or finished. Needs DARKROOM_RABBITMQ_URL.", no_args_is_help=True
)
console = Console()
errors = Console(stderr=True)


@app.command("list")
def list_command() -> None:
    """Say how many dead letters each queue has."""
    table = Table("queue", "dead letters")
    for depth in _administer(lambda administration: administration.queue_depths.depths()):
        table.add_row(depth.queue.name, Text(str(depth.dead_letters), style="red" if depth.dead_letters else ""))
    console.print(table)


@app.command()
def show(queue: QueueName, limit: Limit = 10) -> None:
    """Show a queue's dead letters with the reason; they stay in the queue."""
    chosen = _queue(queue)
    letters = _administer(lambda administration: administration.dead_letters.show(chosen, limit))
    for letter in letters:
        console.print(Text.assemble((f"Message {letter.id}", "bold"), ": ", (letter.reason, "red")), soft_wrap=True)
        console.print(Text(letter.body.decode(errors="backslashreplace")[:MAX_SHOWN_CHARACTERS]), soft_wrap=True)
    if not letters:
        console.print(f"{chosen.name} has no dead letters.")


@app.command()
def replay(queue: QueueName, limit: Limit = 1000) -> None:
    """Send a queue's dead letters back to it; handling one twice does no harm."""
    chosen = _queue(queue)
    replayed = _administer(lambda administration: administration.dead_letters.replay(chosen, limit))
    console.print(f"{replayed} sent to {chosen.name} again.")


@app.command()
def drop(
    queue: QueueName,
    limit: Limit = 1000,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Throw a queue's dead letters away for good."""
    chosen = _queue(queue)
    if not yes:
        typer.confirm(f"Throw away up to {limit} dead letters of {chosen.name}?", abort=True)
    dropped = _administer(lambda administration: administration.dead_letters.drop(chosen, limit))
    console.print(f"{dropped} of {chosen.name} thrown away.")


def _queue(name: str) -> Queue:
    found = find_queue(name)
    if found is None:
        known = ", ".join(queue.name for queue in work_queues())
        raise typer.BadParameter(f"there is no queue {name!r}; there are: {known}")
    return found


def _administer(work: Callable[[Administration], Awaitable[T]]) -> T:
    url = ServiceSettings().broker_url
    if url is None:
        errors.print("[red]Set DARKROOM_RABBITMQ_URL:[/] without RabbitMQ there are no dead letters to look at.")
        raise typer.Exit(2)

    async def run() -> T:
        async with open_administration(url) as administration:
            return await work(administration)

    try:
        return asyncio.run(run())
    except DarkroomError as error:
        errors.print(f"[red]RabbitMQ cannot be reached:[/] {error}", soft_wrap=True)
        raise typer.Exit(1) from error
