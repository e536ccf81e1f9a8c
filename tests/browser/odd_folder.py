"""A folder as people have it."""

from pathlib import Path

from examples.sample_photographs import write_sample_photographs


def write_odd_folder(folder: Path, photographs: int = 8) -> list[Path]:
    """Write photographs, one that is cut off, and a text file with a hostile name; all files in the order of names."""
    written = write_sample_photographs(folder, count=photographs, megapixels=0.3)
    whole = next(path for path in written if path.suffix.lower() in {".jpg", ".jpeg"}).read_bytes()
    (folder / "cut off.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "<b>notes.txt").write_text("no image")
    return sorted(path for path in folder.iterdir() if path.is_file())
