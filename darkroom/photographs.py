"""Which files a person means, and what their prints will be called."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from darkroom.file_kinds import left_out_kind

_MAX_STEM_BYTES = 255 - len(".webp")
"""File systems take names of 255 bytes, and a print's suffix may be longer than its original's."""


@dataclass(frozen=True)
class Photograph:
    """One input: where it lies, and the path, without suffix, that its prints get in each output's folder."""

    path: Path
    print_stem: PurePath

    @property
    def label(self) -> str:
        """The path as it can be shown."""
        return shown(self.path)

    def print_path(self, output: str, extension: str) -> PurePath:
        """Where a print goes, relative to the output folder: one folder per output of the recipe."""
        return PurePath(output) / self.print_stem.with_name(f"{self.print_stem.name}.{extension}")


@dataclass(frozen=True)
class Selection:
    """The photographs that a person means, and how many other files of each kind lie in the folders."""

    photographs: Sequence[Photograph]
    left_out: Mapping[str, int]


def shown(path: PurePath) -> str:
    """A path as valid text: names from old archives need not be UTF-8, and could not be printed."""
    return os.fsencode(path).decode(errors="replace")


def find_photographs(named: Sequence[Path], out: Path | None = None) -> Selection:
    """Every named file, and whatever may be an image in the named folders and below, sorted, hidden ones left out.

    What lies in `out`, a folder inside a named one, is left out as well: those are the prints of an earlier run.
    Two inputs that would share a print's path are told apart by a number, and names that are too long are cut.
    """
    taken: set[str] = set()
    found = []
    left_out: Counter[str] = Counter()
    for path, relative, kind in _files(named, out):
        if kind is not None:
            left_out[kind] += 1
            continue
        stem = _free_stem(relative.with_suffix(""), taken)
        taken.add(str(stem).casefold())
        found.append(Photograph(path, stem))
    return Selection(found, left_out)


def named_special_file(named: Iterable[Path]) -> Path | None:
    """A named FIFO, socket or device, which might never end or answer; None if all are files and folders."""
    return next((path for path in named if not path.is_dir() and not path.is_file()), None)


def named_as_out(named: Iterable[Path], out: Path) -> Path | None:
    """A named folder in which the prints are to lie as well; None if there is none.

    A second run could not tell the prints of the first from photographs in a folder that is called like an output.
    """
    return next((path for path in named if path.is_dir() and path.resolve() == out.resolve()), None)


def endangered(photographs: Sequence[Photograph], out: Path, outputs: Iterable[str]) -> Photograph | None:
    """A photograph that lies where a print of one of these outputs is to go; None if all are safe."""
    prints = {_place(out / name / photograph.print_stem) for name in outputs for photograph in photographs}
    return next((p for p in photographs if _place(p.path.with_suffix("")) in prints), None)


def _place(path: Path) -> str:
    return str(path.resolve()).casefold()


def _files(named: Iterable[Path], out: Path | None) -> Iterator[tuple[Path, PurePath, str | None]]:
    """Give each file once, its place below what was named, and its kind if it is left out."""
    seen: set[Path] = set()
    for path in named:
        for file, relative in _inside(path, out) if path.is_dir() else [(path, PurePath(path.name))]:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file, relative, left_out_kind(file) if path.is_dir() else None


def _inside(folder: Path, out: Path | None) -> Iterator[tuple[Path, PurePath]]:
    prints = out.resolve() if out and folder.resolve() in out.resolve().parents else None
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        hidden = any(part.startswith(".") for part in relative.parts)
        if not hidden and not file.is_dir() and not (prints and file.resolve().is_relative_to(prints)):
            yield file, relative


def _free_stem(stem: PurePath, taken: set[str]) -> PurePath:
    candidate, number = stem.parent / _fitting(stem.name), 1
    while str(candidate).casefold() in taken:
        number += 1
        candidate = stem.parent / _fitting(stem.name, f"-{number}")
    return candidate


def _fitting(name: str, ending: str = "") -> str:
    """The name and its ending, without so many of the name's last characters that a suffix finds room."""
    while len(os.fsencode(name + ending)) > _MAX_STEM_BYTES:
        name = name[:-1]
    return name + ending
