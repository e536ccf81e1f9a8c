"""The page's source and what is built of it; what a person sees is tested in a browser."""

import gzip
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.built_page import PAGE, built_page, node

MAX_SCRIPT_BYTES = 60_000
MAX_STYLE_BYTES = 8_000


def compressed_bytes(folder: Path, ending: str) -> int:
    """How much all files of a kind are on their way to a browser."""
    return sum(len(gzip.compress(path.read_bytes())) for path in (folder / "assets").glob(f"*{ending}"))


def sources() -> Iterator[tuple[str, str]]:
    """Every module with its text."""
    for path in sorted((PAGE / "src").rglob("*.ts*")):
        if path.name != "schema.d.ts":
            yield str(path.relative_to(PAGE)), path.read_text(encoding="utf-8")


def test_the_page_stays_small() -> None:
    """For phones, and for the first visit."""
    folder = built_page()
    assert 0 < compressed_bytes(folder, ".js") <= MAX_SCRIPT_BYTES
    assert 0 < compressed_bytes(folder, ".css") <= MAX_STYLE_BYTES


def test_what_is_built_is_whole() -> None:
    """Every file that the shell names is there, also compressed, and the licences of the libraries in it."""
    folder = built_page()
    shell = (folder / "index.html").read_text()
    named = re.findall(r'"\{\{root\}\}/assets/([^"]+)"', shell)
    assert sorted(named) == sorted(json.loads((folder / "manifest.json").read_text())["assets"].values())
    for name in named:
        assert (folder / "assets" / name).read_bytes() == gzip.decompress(
            (folder / "assets" / f"{name}.gz").read_bytes()
        )
    assert "preact\n" in (folder / "licenses.txt").read_text()
    assert re.findall(r"\{\{(?!root\}\})\w+\}\}", shell) == []
    assert not re.search(r"<style|<script(?![^>]* src=)| on\w+=| style=", shell), "the policy allows nothing inline"


def test_the_logic_of_the_page_passes_its_own_tests() -> None:
    """They run in Node, without a browser."""
    tests = [str(path) for path in sorted((PAGE / "tests").glob("*.test.ts"))]
    command = [node(), "--test", "--test-reporter=tap", *tests]
    done = subprocess.run(command, cwd=PAGE, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"^# tests (\d+)", done.stdout, re.MULTILINE)[0]) >= len(tests)


@pytest.mark.parametrize("sink", ["innerHTML", "InnerHTML", "eval(", "new Function", "document.write", "https://"])
def test_no_module_makes_code_of_text_or_names_another_origin(sink: str) -> None:
    """The page's policy would stop it, in the browser of a person."""
    assert [name for name, text in sources() if sink in text] == []


def test_modules_are_small() -> None:
    """As those of the services are."""
    lengths = {name: text.count("\n") for name, text in sources()}
    assert {name: length for name, length in lengths.items() if length > 250} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 100


def test_the_lock_file_names_no_registry() -> None:
    """Each machine has its own; what comes from there is held against the hashes."""
    lock = json.loads((PAGE / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
