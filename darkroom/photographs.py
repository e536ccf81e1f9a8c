"""Pure: which files a person means, and what their prints will be called."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".heic", ".heif", ".gif", ".tif", ".tiff", ".avif"}
)
"""What counts as a photograph when a whole folder is named; formats that cannot be developed then fail by name."""


@dataclass(frozen=True)
class Photograph:
    """One input: where it lies, and the path, without suffix, that its prints get in each output's folder."""

    path: Path
    print_stem: PurePath

    def print_path(self, output: str, extension: str) -> PurePath:
        """Where a print goes, relative to the output folder: one folder per output of the recipe."""
        return PurePath(output) / self.print_stem.with_name(f"{self.print_stem.name}.{extension}")


def find_photographs(named: Sequence[Path]) -> list[Photograph]:
    """Every named file, and every image file in the named folders and below, sorted, hidden ones left out.

    Two inputs that would share a print's path are told apart by a number.
    """
    taken: set[str] = set()
    found = []
    for path, relative in _files(named):
        stem = _free_stem(relative.with_suffix(""), taken)
        taken.add(str(stem).casefold())
        found.append(Photograph(path, stem))
    return found


def _files(named: Iterable[Path]) -> Iterator[tuple[Path, PurePath]]:
    seen: set[Path] = set()
    for path in named:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            relative = file.relative_to(path) if path.is_dir() else PurePath(file.name)
            if path.is_dir() and not _is_photograph(file, relative):
                continue
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file, relative


def _is_photograph(file: Path, relative: PurePath) -> bool:
    hidden = any(part.startswith(".") for part in relative.parts)
    return not hidden and file.suffix.lower() in IMAGE_SUFFIXES and file.is_file()


def _free_stem(stem: PurePath, taken: set[str]) -> PurePath:
    candidate, number = stem, 1
    while str(candidate).casefold() in taken:
        number += 1
        candidate = stem.with_name(f"{stem.name}-{number}")
    return candidate
