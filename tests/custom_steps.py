"""Custom steps for tests: the example's, and some with every fault that one can have."""

import os
import signal
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from PIL import Image
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from shared.recipes.custom_steps import GROUP, custom_steps

EXAMPLE = Path(__file__).parents[1] / "examples" / "custom_steps"

FAULTY = ("raising", "useless", "telling_much", "telling_the_unspeakable", "huge", "exiting", "killing", "hanging")
HERE = {name: f"custom_steps:{name}" for name in (*FAULTY, "halved", "grown", "told", "choosy")}
UNUSABLE = {
    "broken": "darkroom_no_such_module:step",
    "untyped": "custom_steps:untyped",
    "unnamed": "custom_steps:unnamed",
    "operated": "custom_steps:operated",
    "resize": "custom_steps:halved",
    "Big!": "custom_steps:halved",
}


def install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, entries: Mapping[str, str], path: Path = Path(__file__).parent
) -> None:
    """Make entry points visible here and in child processes, as pip would; they name modules in `path`."""
    metadata = folder / f"{folder.name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {folder.name}\nVersion: 1.0\n")
    lines = [f"[{GROUP}]", *(f"{name} = {value}" for name, value in entries.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    for place in (folder, path):
        monkeypatch.syspath_prepend(str(place))
    custom_steps.cache_clear()


def example_entries() -> dict[str, str]:
    """The entry points that the example's pyproject.toml declares."""
    declared: dict[str, str] = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]["entry-points"][GROUP]
    return declared


def halved(image: Image.Image, *, times: Annotated[int, Field(ge=1, le=4)] = 1) -> Image.Image:
    """Halve the image's sides, some times."""
    return image.resize((image.width >> times, image.height >> times))


def told(image: Image.Image, *, shade: int) -> dict[str, Any]:
    """Tell the size; drawing on the image changes nothing."""
    image.paste(shade, (0, 0, *image.size))
    return {"width": image.width, "sizes": list(image.size), "none": None}


def untyped(image: Image.Image, amount=1):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, ARG001 - its fault
    """Have a parameter without a type."""
    return image


def unnamed(image: Image.Image, *_amounts: int) -> Image.Image:
    """Have parameters without names."""
    return image


def operated(image: Image.Image, *, op: str) -> Image.Image:  # noqa: ARG001 - its fault
    """Have a parameter of the name that says which step it is."""
    return image


def _even(amount: int) -> int:
    if amount % 2:
        raise PydanticCustomError("odd", "has to be even")
    return amount


def choosy(image: Image.Image, *, amount: Annotated[int, AfterValidator(_even)]) -> Image.Image:
    """Have a parameter with a rule of the package's own."""
    return image.resize((amount, amount))


def raising(_image: Image.Image) -> Image.Image:
    """Raise."""
    raise LookupError("no such lens")


def useless(_image: Image.Image) -> Any:
    """Give nothing."""


def telling_much(_image: Image.Image) -> dict[str, str]:
    """Tell a novel."""
    return {"text": "word " * 1000}


def telling_the_unspeakable(_image: Image.Image) -> dict[str, str]:
    """Tell what is no text, and no message could carry."""
    return {"text": "\ud800"}


def grown(image: Image.Image, *, times: int = 2) -> Image.Image:
    """Make the sides so many times as long."""
    return image.resize((image.width * times, image.height * times))


def huge(_image: Image.Image) -> Image.Image:
    """Make far too large an image."""
    return Image.new("1", (20_000, 1))


def exiting(_image: Image.Image) -> Image.Image:
    """End the process as a program would."""
    os._exit(3)


def killing(_image: Image.Image) -> Image.Image:
    """Die of a signal."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return _image


def hanging(_image: Image.Image) -> Image.Image:
    """Never end."""
    while True:
        time.sleep(60)
