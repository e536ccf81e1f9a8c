"""Environment variables by their former names: still read, and logged as deprecated."""

from typing import Any

import structlog
from pydantic_settings import BaseSettings, EnvSettingsSource

log = structlog.get_logger()

PREFIX = "DARKROOM_"
"""Begins the name of every variable."""

NEW_NAMES = {
    "DARKROOM_FOLD_MOST_RESULTS": "DARKROOM_FOLD_MAX_RESULTS",
    "DARKROOM_MOST_BACKLOG_SECONDS": "DARKROOM_MAX_BACKLOG_SECONDS",
    "DARKROOM_MOST_SETTLING_SECONDS": "DARKROOM_MAX_SETTLING_SECONDS",
}
"""Each former name with the present one."""


class FormerNames(EnvSettingsSource):
    """Values of the variables that are set by a former name. The present name wins if both are set."""

    def __call__(self) -> dict[str, Any]:
        """Values by the present field's name."""
        return {
            new.removeprefix(PREFIX).lower(): self.env_vars[old.lower()]
            for old, new in NEW_NAMES.items()
            if old.lower() in self.env_vars
        }


def warn_of_former_names() -> None:
    """Log one line for each former name in the environment."""
    environment = EnvSettingsSource(BaseSettings).env_vars
    for old, new in NEW_NAMES.items():
        if old.lower() in environment:
            log.warning("setting_deprecated", old=old, new=new)
