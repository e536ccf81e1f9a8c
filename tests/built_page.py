"""The page as `make page` has built it, for tests that need it."""

import shutil
from pathlib import Path
from typing import NoReturn

import pytest
from pydantic import Field
from pydantic_settings import BaseSettings

from tests.processes import ROOT

PAGE = ROOT / "services" / "gateway" / "page"


class _Surroundings(BaseSettings):
    ci: bool = Field(default=False, validation_alias="CI")
    node: str = Field(default=str(ROOT / "var" / "node" / "bin" / "node"), validation_alias="NODE")


def built_page() -> Path:
    """The folder with what was built; skips, or fails where CI=true, if nothing was."""
    folder = PAGE / "built"
    if not (folder / "manifest.json").exists():
        missing("the page has not been built: make page")
    return folder


def node() -> str:
    """The program that builds the page; skips, or fails where CI=true, if there is none."""
    program = _Surroundings().node
    if not shutil.which(program) or not (PAGE / "node_modules").exists():
        missing("Node or the page's libraries are not installed: make page")
    return program


def missing(reason: str) -> NoReturn:
    """Skip for what is not installed, or fail where CI=true."""
    if _Surroundings().ci:
        pytest.fail(reason)
    pytest.skip(reason)
