"""The READMEs say what the code says."""

import re
from pathlib import Path

import pytest

from shared.messaging.topology import EXCHANGE_TYPES, RETRY_STEPS, work_queues

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_table_names_every_queue_with_its_routing_keys(readme: str) -> None:
    """Each queue of the topology stands in one row of the README's table, beside the keys that reach it."""
    rows = [line for line in (ROOT / readme).read_text().splitlines() if line.startswith("| `")]
    for queue in work_queues():
        row = next((line for line in rows if f"`{queue.name}`" in line), None)
        assert row is not None, queue.name
        assert all(f"`{key}`" in row for key in queue.routing_keys), queue.name


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_table_names_every_retry_step(readme: str) -> None:
    """Each waiting queue is named."""
    text = (ROOT / readme).read_text()
    assert all(f"`{step.queue}`" in text for step in RETRY_STEPS)


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_every_exchange_is_named(readme: str) -> None:
    """As the management UI shows it."""
    text = (ROOT / readme).read_text()
    assert all(f"`{exchange}`" in text for exchange in EXCHANGE_TYPES)


@pytest.mark.parametrize("page", ["README.md", "README.ko.md", "CONTRIBUTING.md", *ROOT.glob("docs/*.md")])
def test_every_link_leads_to_a_file(page: str | Path) -> None:
    """Of those that stay in the repository."""
    path = ROOT / page
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text())
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_every_make_target_exists(readme: str) -> None:
    """Commands in code blocks that start with make are targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text()
    commands = [line.split() for line in (ROOT / readme).read_text().splitlines() if line.startswith("make ")]
    assert commands
    for command in commands:
        assert f"\n{command[1]}:" in makefile
