"""Which files a person means, and what their prints will be called."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from darkroom.earlier_prints import print_folders
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
    """Every named file, and each that may be an image in the named folders and below, sorted, without hidden ones.

    What lies in `out`, a folder inside a named one, is left out as well, and so are prints that an earlier run has
    marked. Inputs that would share a print's path keep their suffix in its name, so that one sees which is which, and
    get a number where that is not enough. Names that are too long are cut.
    """
    taken: set[str] = set()
    found = []
    every_file = list(_files(named, out))
    files = [(path, relative) for path, relative, kind in every_file if kind is None]
    stems = Counter(_folded(relative.with_suffix("")) for _, relative in files)
    for path, relative in files:
        stem = relative.with_suffix("")
        stem = _free_stem(stem if stems[_folded(stem)] == 1 else relative, taken)
        taken.add(_folded(stem))
        found.append(Photograph(path, stem))
    return Selection(found, Counter(kind for _, _, kind in every_file if kind is not None))


def named_special_file(named: Iterable[Path]) -> Path | None:
    """A named FIFO, socket or device, which might never end or answer; None if all are files and folders."""
    return next((path for path in named if path.exists() and not path.is_dir() and not path.is_file()), None)


def named_as_out(named: Iterable[Path], out: Path) -> Path | None:
    """A named folder in which the prints are to lie as well; None if there is none.

    A second run could not tell the prints of the first from photographs in a folder that is called like an output.
    """
    return next((path for path in named if path.is_dir() and path.resolve() == out.resolve()), None)


def endangered(photographs: Sequence[Photograph], out: Path, outputs: Iterable[str]) -> Photograph | None:
    """A photograph that lies where a print of one of these outputs is to go; None if all are safe."""
    prints = {_place(out / name / photograph.print_stem) for name in outputs for photograph in photographs}
    return next((p for p in photographs if _place(p.path.with_suffix("")) in prints), None)


def _folded(stem: PurePath) -> str:
    """The same for names that only a case-sensitive file system tells apart."""
    return str(stem).casefold()


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
    prints = [path.resolve() for path in print_folders(folder)]
    if out and folder.resolve() in out.resolve().parents:
        prints.append(out.resolve())
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if _is_listed(file, relative) and not any(file.resolve().is_relative_to(path) for path in prints):
            yield file, relative


def _is_listed(file: Path, relative: PurePath) -> bool:
    return not any(part.startswith(".") for part in relative.parts) and not file.is_dir()


def _free_stem(stem: PurePath, taken: set[str]) -> PurePath:
    candidate, number = stem.parent / _fitting(stem.name), 1
    while _folded(candidate) in taken:
        number += 1
        candidate = stem.parent / _fitting(stem.name, f"-{number}")
    return candidate


def _fitting(name: str, ending: str = "") -> str:
    """The name and its ending, without so many of the name's last characters that a suffix finds room."""
    while len(os.fsencode(name + ending)) > _MAX_STEM_BYTES:
        name = name[:-1]
    return name + ending
