"""Photographs to upload."""

from pathlib import Path

import pytest

from examples.sample_photographs import write_sample_photographs

COPIES = 4


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Small ones, of which more are given than are developed until a server is lost."""
    return write_sample_photographs(tmp_path_factory.mktemp("photographs"), count=24, megapixels=0.2) * COPIES
