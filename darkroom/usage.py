"""How a command ends that cannot do what it was called for."""

import typer
from rich.console import Console
from rich.text import Text

from darkroom.language import terminal_language
from shared.translated import Translated

USAGE = 2
"""Exit status of a wrong call."""


class CallError(Exception):
    """Ends the command with a sentence for the person and an exit status."""

    def __init__(self, sentence: Translated, exit_status: int = USAGE, **values: object) -> None:
        super().__init__(sentence.in_language(terminal_language(), values))
        self.exit_status = exit_status


def exit_with(error: CallError) -> typer.Exit:
    """Say on standard error what is wrong, whole where it is no terminal."""
    Console(stderr=True).print(Text(str(error), "red"), soft_wrap=True)
    return typer.Exit(error.exit_status)
