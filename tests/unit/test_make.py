import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOO_OLD = """import sys; sys.version_info = (3, 10, 12, "final", 0)"""
NO_VENV = """import sys; sys.modules["ensurepip"] = None"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What make needs of the project, in a folder that is as bare as a new checkout."""
    (tmp_path / "deploy").mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "deploy/make-environment.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def program(folder: Path, name: str, lines: str) -> Path:
    """A program that is called instead of Python."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return path


def lying_python(folder: Path, lie: str) -> Path:
    """A Python that runs `-c` programs after the lie, and makes no environments."""
    lines = f"""[ "$1" = -c ] || exit 9
exec {sys.executable} -c '{lie}
exec(sys.argv[1])' "$2" """
    return program(folder, "python-that-lies", lines)


def make(checkout: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run make there to its end."""
    # Below another make, as in `make test`, it would say which folder it enters and leaves.
    words = ["make", "--no-print-directory", *map(str, arguments)]
    return subprocess.run(words, cwd=checkout, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("lie", "sentence"),
    [(TOO_OLD, "Darkroom needs Python 3.11 or newer"), (NO_VENV, "sudo apt install python3.")],
    ids=["python 3.10", "python without venv"],
)
@pytest.mark.parametrize("half_made", [False, True])
def test_make_demo_says_what_is_missing_and_leaves_nothing_behind(
    checkout: Path, lie: str, sentence: str, *, half_made: bool
) -> None:
    """One sentence, also where an earlier failure has left half an environment."""
    if half_made:
        (checkout / ".venv" / "bin").mkdir(parents=True)
        (checkout / ".venv" / "pyvenv.cfg").touch()
        program(checkout / ".venv" / "bin", "python", "exit 1")
    before = sorted(checkout.rglob("*"))
    done = make(checkout, "demo", f"PYTHON={lying_python(checkout.parent, lie)}")
    assert done.returncode != 0
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 2  # the other line is make's own
    assert sorted(checkout.rglob("*")) == before


def test_a_machine_without_python_is_told_what_to_install(checkout: Path) -> None:
    """By the names of Debian's packages."""
    assert "sudo apt install python3 python3-venv" in make(checkout, "demo", "PYTHON=no-such-python").stderr


def test_an_environment_that_fails_half_way_is_not_left_behind(checkout: Path) -> None:
    """Nor is the next run misled by it."""
    lines = f"""[ "$1" = -c ] && exec {sys.executable} "$@"
mkdir -p "$3/bin"; touch "$3/pyvenv.cfg" "$3/bin/python"; exit 1"""
    done = make(checkout, "demo", f"PYTHON={program(checkout.parent, 'python-that-fails', lines)}")
    assert "could not make a virtual environment" in done.stderr
    assert not list(checkout.glob(".venv*"))


def test_a_folder_that_is_no_environment_is_left_alone(checkout: Path) -> None:
    """A wrong VENV=folder costs nobody their files."""
    (checkout / "mine").mkdir()
    (checkout / "mine" / "letter.txt").touch()
    done = make(checkout, "demo", "VENV=mine", f"PYTHON={sys.executable}")
    assert "is no virtual environment" in done.stderr
    assert (checkout / "mine" / "letter.txt").exists()


def test_a_whole_environment_takes_the_place_of_half_a_one(checkout: Path) -> None:
    """Its programs name the place that it has at the end."""
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "pyvenv.cfg").touch()
    words = ["sh", "deploy/make-environment.sh", sys.executable, ".venv"]
    subprocess.run(words, cwd=checkout, check=True, timeout=120, stdout=subprocess.DEVNULL)
    pip = subprocess.run([checkout / ".venv/bin/pip", "--version"], capture_output=True, text=True, check=True)
    assert str(checkout / ".venv") in pip.stdout
    assert not (checkout / ".venv.new").exists()


def test_a_server_starts_without_a_page_that_cannot_be_built(checkout: Path) -> None:
    """As where no npm registry is reached; a person reads why `/` shows none."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    program(checkout / ".venv" / "bin", "darkroom", 'echo "called: $@"')
    (checkout / ".venv" / "runtime.stamp").touch()
    done = make(checkout, "serve", "OPEN=1", f"NODE={program(checkout, 'node', 'exit 1')}")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "called: serve --open")
    assert "The page could not be built" in done.stderr
