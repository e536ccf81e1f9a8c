import hashlib
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat
from typer.testing import CliRunner

from examples.sample_photographs import write_sample_photographs
from examples.sample_photographs.__main__ import application
from examples.sample_photographs.plan import plan_photograph
from examples.sample_photographs.sources import SOURCES

SMALL = 0.05
SHIPPED = files("examples.sample_photographs") / "photographs"


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Sixty small sample photographs, in order."""
    return write_sample_photographs(tmp_path_factory.mktemp("photographs"), megapixels=SMALL)


def digests(paths: list[Path]) -> list[str]:
    """What the files hold, each in one line."""
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def test_there_are_as_many_distinct_files_as_asked_for(photographs: list[Path]) -> None:
    """Neither a name nor a content occurs twice."""
    assert len(set(photographs)) == len(set(digests(photographs))) == 60
    assert set(photographs[0].parent.iterdir()) == set(photographs)


def test_a_thousand_photographs_have_a_thousand_names() -> None:
    """Names made from times do not collide either."""
    names = {plan_photograph(index, megapixels=SMALL, seed=0).file_name.casefold() for index in range(1000)}
    assert len(names) == 1000


def test_the_same_seed_gives_the_same_bytes_and_a_larger_count_only_adds(tmp_path: Path) -> None:
    """Whoever makes them again, in whatever number, gets the same photographs."""
    few = write_sample_photographs(tmp_path / "few", 9, SMALL, seed=7)
    more = write_sample_photographs(tmp_path / "more", 12, SMALL, seed=7)
    assert digests(few) == digests(more[:9])
    assert [path.name for path in few] == [path.name for path in more[:9]]


def test_another_seed_gives_other_photographs(photographs: list[Path], tmp_path: Path) -> None:
    """No file of one seed equals the other seed's."""
    others = write_sample_photographs(tmp_path, 12, SMALL, seed=1)
    assert not set(digests(others)) & set(digests(photographs))


def test_formats_and_names_are_mixed_as_in_a_real_folder(photographs: list[Path]) -> None:
    """JPEG with both spellings of the suffix, some PNG and WebP, one Korean name; each is what its suffix says."""
    assert {path.suffix for path in photographs} == {".jpg", ".JPG", ".png", ".webp"}
    assert sum(not path.name.isascii() for path in photographs) == 1
    for path in photographs:
        with Image.open(path) as image:
            assert image.format == {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}[path.suffix.lower()]
            image.load()


def test_exif_tells_camera_time_place_and_author(photographs: list[Path]) -> None:
    """There is something to strip, in every format, and the sources' authors are credited."""
    for path in photographs:
        with Image.open(path) as image:
            exif = image.getexif()
        assert {0x010F, 0x0110, 0x013B, 0x8298} <= set(exif), "make, model, artist and copyright"
        assert exif.get_ifd(0x8769)[0x9003].startswith("2025:05:")
        assert 33 <= exif.get_ifd(0x8825)[2][0] <= 38


def test_every_orientation_occurs_and_turns_the_picture_upright(photographs: list[Path]) -> None:
    """Turned by its tag, each photograph shows the planned part of its source; turned otherwise it would not."""
    orientations = set()
    for index, path in enumerate(photographs[:32]):
        plan = plan_photograph(index, megapixels=SMALL, seed=0)
        with Image.open(path) as image:
            orientations.add(image.getexif().get(0x0112))
            upright = ImageOps.exif_transpose(image).convert("L")
        with (SHIPPED / f"{plan.source.name}.jpg").open("rb") as file, Image.open(file) as source:
            box = [share * side for share, side in zip(plan.crop, source.size * 2, strict=True)]
            expected = source.convert("L").resize(upright.size, box=(box[0], box[1], box[2], box[3]))
        if plan.mirrored:
            expected = ImageOps.mirror(expected)
        right_way = difference(upright, expected)
        assert right_way < difference(upright, ImageOps.mirror(expected))
        assert right_way < difference(upright, ImageOps.flip(expected))
    assert orientations == set(range(1, 9))


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far two grey pictures are apart once their brightness is made alike."""
    equalized = ImageChops.difference(ImageOps.equalize(one), ImageOps.equalize(other))
    return ImageStat.Stat(equalized).mean[0]


def test_a_photograph_of_twelve_megapixels_has_a_camera_s_size_and_weight(tmp_path: Path) -> None:
    """4:3 is 4000 by 3000 and 3:2 about as many pixels, stored as the sensor lies; neither is a light file."""
    paths = write_sample_photographs(tmp_path, count=2)
    with Image.open(paths[0]) as three_to_two, Image.open(paths[1]) as four_to_three:
        assert three_to_two.size == (4240, 2824)
        assert four_to_three.size == (4000, 3000)
        assert ImageOps.exif_transpose(four_to_three).size == (3000, 4000)
    assert all(1.3e6 < path.stat().st_size < 5e6 for path in paths)


def test_progress_hears_of_every_file_in_turn(tmp_path: Path) -> None:
    """A progress bar can be driven by it."""
    heard: list[Path] = []
    assert write_sample_photographs(tmp_path, 5, SMALL, progress=heard.append) == heard


def test_every_crop_lies_within_its_source_and_shows_its_focus() -> None:
    """The dogs are never cut out of their picture."""
    for index in range(500):
        plan = plan_photograph(index, megapixels=12, seed=3)
        left, top, right, bottom = plan.crop
        assert 0 <= left < plan.source.focus_x < right <= 1 + 1e-9
        assert 0 <= top < plan.source.focus_y < bottom <= 1 + 1e-9


def test_shipped_photographs_are_small_described_and_credited() -> None:
    """The table of sources matches the files, their page names each, and the package stays light."""
    page = (SHIPPED / "SOURCES.md").read_text(encoding="utf-8")
    for source in SOURCES:
        with (SHIPPED / f"{source.name}.jpg").open("rb") as file, Image.open(file) as image:
            assert image.size == (source.width, source.height)
        row = next(line for line in page.splitlines() if line.startswith(f"| `{source.name}.jpg`"))
        assert source.author in row
        assert source.licence in row
    jpegs = [entry for entry in SHIPPED.iterdir() if entry.name.endswith(".jpg")]
    assert len(jpegs) == len(SOURCES)
    assert sum(len(entry.read_bytes()) for entry in jpegs) < 2.5e6


def test_the_command_fills_a_folder_and_says_so(tmp_path: Path) -> None:
    """`python -m examples.sample_photographs FOLDER --count 3` makes the folder and names it."""
    outcome = CliRunner().invoke(application, [str(tmp_path / "new"), "--count", "3", "--megapixels", "0.05"])
    assert outcome.exit_code == 0
    assert "3 photographs" in outcome.output
    assert len(list((tmp_path / "new").iterdir())) == 3
