"""Runs the chunker: `python -m services.chunker`."""

from functools import partial

from services.chunker.service import run_chunker
from services.chunker.settings import ChunkerSettings
from shared.bootstrap import run_service

if __name__ == "__main__":
    settings = ChunkerSettings()
    run_service("chunker", settings, partial(run_chunker, settings=settings))
