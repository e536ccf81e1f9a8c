"""What tests of whole commands change in this process is put back after each."""

import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
import structlog


@pytest.fixture(autouse=True)
def _process_restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The log and the permissions of new files, which a command sets up for its whole process."""
    root, config, configure = logging.getLogger(), structlog.get_config(), structlog.configure
    handlers, level, umask = root.handlers[:], root.level, os.umask(0)
    os.umask(umask)

    def configure_for_now(**options: Any) -> None:
        """Every module's logger would keep what was configured when it was first used."""
        configure(**{**options, "cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", configure_for_now)
    yield
    os.umask(umask)
    root.handlers[:] = handlers
    root.setLevel(level)
    configure(**config)
    structlog.contextvars.clear_contextvars()
