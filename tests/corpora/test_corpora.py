"""The runner itself, on a folder made here."""

from pathlib import Path

from PIL import Image

from tests import hostile
from tests.corpora.run import develop_all, image_files, lines


async def test_every_file_ends_by_name(tmp_path: Path) -> None:
    """Good, broken and refused ones, and files that are no images are left out."""
    (tmp_path / "deep").mkdir()
    good = hostile.saved(Image.new("RGB", (20, 10)), "PNG")
    (tmp_path / "good.png").write_bytes(good)
    (tmp_path / "deep" / "half.PNG").write_bytes(good[: len(good) // 2])
    (tmp_path / "page.tif").write_bytes(hostile.tiff_directory_bomb(3))
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "link.png").symlink_to(tmp_path / "good.png")
    report = await develop_all([tmp_path])
    assert report.ends == {"good": 1, "unreadable": 1, "unsupported_format": 1}
    assert report.faults == []
    assert lines(report)[-1].startswith("3 files in ")


def test_a_single_file_may_be_named(tmp_path: Path) -> None:
    """As well as folders."""
    file = tmp_path / "one.jpg"
    file.write_bytes(b"")
    assert list(image_files([file])) == [file]
