import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.built_page import built_page

ROOT = Path(__file__).parents[2]
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"

pytest.importorskip("setuptools", minversion="77", reason="the licence's expression needs it: make dev")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what a release is built from, and apart from the checkout."""
    folder = tmp_path_factory.mktemp("package")
    source = folder / "source"
    source.mkdir()
    for name in ("darkroom", "services", "shared"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=source, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """What the wheel says of itself."""
    with zipfile.ZipFile(wheel) as file:
        (name,) = [name for name in file.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(file.read(name).decode())


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which the wheel is installed, and beside it only what it depends on."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    with zipfile.ZipFile(wheel) as file:
        file.extractall(packages)
    # As a line of a .pth file: the editable checkout among them is then not followed.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "python"


def run(python: Path, *arguments: str, folder: Path) -> str:
    """What a command in that environment prints."""
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    finished = subprocess.run(
        [python, "-P", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_the_wheel_holds_code_types_fonts_and_licences_and_no_samples(wheel: Path) -> None:
    """The sample photographs, with licences of their own, stay in the repository."""
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    assert {"darkroom/py.typed", "services/py.typed", "shared/py.typed"} <= set(names)
    assert "services/worker/imaging/fonts/NanumGothic.ttf" in names
    licences = {name.partition("/licenses/")[2] for name in names if "/licenses/" in name}
    assert licences == {"LICENSE", "services/worker/imaging/fonts/OFL.txt"}
    assert not [name for name in names if "sample" in name or name.endswith((".jpg", ".ts", ".tsx", ".mjs"))]
    assert {name.partition("/")[0] for name in names} == {"darkroom", "services", "shared", "darkroom-0.1.0.dist-info"}


def test_the_metadata_says_what_it_is(metadata: Message) -> None:
    """Authors, keywords, classifiers, the licences, and a page without links that lead nowhere."""
    assert metadata["License-Expression"] == "MIT AND OFL-1.1"
    assert metadata["Author"] == "The Darkroom authors"
    assert metadata["Keywords"]
    assert "Typing :: Typed" in (metadata.get_all("Classifier") or [])
    links = re.findall(r"\]\(([^)]+)\)", str(metadata.get_payload()))
    assert all(link.startswith("https://") for link in links)
    required = [line.partition(";")[0] for line in metadata.get_all("Requires-Dist") or []]
    assert not [line for line in required if line.startswith("httpx")]


def test_the_installed_wheel_develops(python: Path, tmp_path: Path) -> None:
    """In an environment without the checkout."""
    Image.linear_gradient("L").save(tmp_path / "one.png")
    where = run(python, "-c", "import darkroom, services, shared; print(darkroom.__file__)", folder=tmp_path)
    assert str(python.parent.parent) in where
    assert "1 completed" in run(python, "-m", "darkroom", "develop", "one.png", "--out", "prints", folder=tmp_path)
    assert (tmp_path / "prints" / "web" / "one.jpg").is_file()


def test_the_installed_wheel_answers_with_the_page(wheel: Path, python: Path, tmp_path: Path) -> None:
    """As it was built; nothing there needs Node."""
    built_page()
    with zipfile.ZipFile(wheel) as file:
        version = json.loads(file.read("services/gateway/page/built/manifest.json"))["version"]
    command = [str(python), "-P", "-m", "darkroom", "serve", "--port", "0"]
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "DARKROOM_WORKER_CHILDREN": "1"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            lines = (json.loads(line) for line in process.stderr)
            url = next(line["url"] for line in lines if line["event"] == "listening")
            shell = httpx.get(url, timeout=10)
            (script,) = re.findall(r'<script src="([^"]+)"', shell.text)
            assert f'data-page-version="{version}"' in shell.text
            assert httpx.get(f"{url}{script}", timeout=10).headers["content-encoding"] == "gzip"
            process.terminate()
            process.wait(timeout=30)
        finally:
            process.kill()
