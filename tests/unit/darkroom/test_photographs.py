import os
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkroom.earlier_prints import print_folders
from darkroom.photographs import Photograph, _free_stem, find_photographs, named_as_out, named_special_file


def touch(*paths: Path) -> None:
    """Make empty files, and the folders that they lie in."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(*named: Path) -> dict[str, str]:
    """What is found, by file name, and the stem of its prints."""
    return {photograph.path.name: str(photograph.print_stem) for photograph in find_photographs(named).photographs}


def test_a_folder_means_the_images_in_it_and_below_in_order(tmp_path: Path) -> None:
    """Sorted, by suffix in whatever case; prints keep the folders."""
    touch(tmp_path / "b.JPG", tmp_path / "a.png", tmp_path / "trip" / "c.webp", tmp_path / "notes.txt")
    photographs = find_photographs([tmp_path]).photographs
    assert [str(p.path.relative_to(tmp_path)) for p in photographs] == ["a.png", "b.JPG", "trip/c.webp"]
    assert [str(p.print_stem) for p in photographs] == ["a", "b", "trip/c"]
    assert photographs[2].print_path("web", "jpg") == PurePath("web/trip/c.jpg")


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    """Such as thumbnails that a file manager keeps, and our own half-written prints."""
    touch(tmp_path / ".hidden.jpg", tmp_path / ".cache" / "a.jpg", tmp_path / "seen.jpg")
    assert found(tmp_path) == {"seen.jpg": "seen"}


def test_a_hidden_folder_that_is_named_is_meant(tmp_path: Path) -> None:
    """Only what is below the named folder is judged."""
    touch(tmp_path / ".private" / "a.jpg")
    assert found(tmp_path / ".private") == {"a.jpg": "a"}


def test_a_named_file_is_meant_whatever_its_name(tmp_path: Path) -> None:
    """What it really is shows when it is developed; if not, it fails by name."""
    touch(tmp_path / "scan", tmp_path / "notes.txt")
    assert found(tmp_path / "scan", tmp_path / "notes.txt") == {"scan": "scan", "notes.txt": "notes"}


def test_a_folder_named_like_an_image_is_none(tmp_path: Path) -> None:
    """Its content counts."""
    touch(tmp_path / "album.jpg" / "a.jpg")
    assert found(tmp_path) == {"a.jpg": "album.jpg/a"}


def test_a_photograph_named_twice_is_developed_once(tmp_path: Path) -> None:
    """By its file, by its folder and through a link."""
    touch(tmp_path / "a.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "a.jpg")
    assert len(find_photographs([tmp_path / "a.jpg", tmp_path, tmp_path / "link.jpg"]).photographs) == 1


def test_prints_that_would_share_a_path_are_told_apart(tmp_path: Path) -> None:
    """No print overwrites another's, also where case does not matter."""
    touch(*(tmp_path / name for name in ("a.jpg", "a.png", "A.webp", "a-2.jpg")), tmp_path / "x" / "a.jpg")
    stems = [str(p.print_stem).casefold() for p in find_photographs([tmp_path, tmp_path / "x" / "a.jpg"]).photographs]
    assert len(stems) == 5
    assert len(set(stems)) == 5


def test_photographs_that_would_share_a_name_keep_their_suffix_in_it(tmp_path: Path) -> None:
    """One sees which print is whose, and no name becomes another photograph's when a neighbour goes."""
    touch(*(tmp_path / name for name in ("A.JPG", "a.jpg", "a.png", "b.png")))
    named = {p.path.name: p.print_stem.name for p in find_photographs([tmp_path]).photographs}
    assert named == {"A.JPG": "A.JPG", "a.jpg": "a.jpg-2", "a.png": "a.png", "b.png": "b"}
    (tmp_path / "a.jpg").unlink()
    named = {p.path.name: p.print_stem.name for p in find_photographs([tmp_path]).photographs}
    assert named == {"A.JPG": "A.JPG", "a.png": "a.png", "b.png": "b"}


@given(st.lists(st.sampled_from(["a", "A", "a-2", "a-2-2", "a-3", "b/a", "b/a-2"]), max_size=30))
def test_no_two_stems_are_ever_the_same(names: list[str]) -> None:
    """Whatever names meet."""
    taken: set[str] = set()
    for name in names:
        stem = str(_free_stem(PurePath(name), taken)).casefold()
        assert stem not in taken
        taken.add(stem)


@pytest.mark.parametrize(
    "name",
    ["x" * 251, "가" * 83 + "xx", os.fsdecode("사".encode("euc-kr") * 125)],
    ids=["ascii", "korean", "no-utf-8"],
)
def test_long_names_are_cut_so_that_every_print_finds_room(name: str, tmp_path: Path) -> None:
    """Between characters, and still told apart; a name that fits is kept whole."""
    touch(tmp_path / f"{name}.jpg", tmp_path / f"{name}.png", tmp_path / f"{name[:80]}.jpg")
    photographs = find_photographs([tmp_path]).photographs
    stems = [p.print_stem.name for p in photographs]
    assert name[:80] in stems
    assert len(set(stems)) == 3
    for photograph, stem in zip(photographs, stems, strict=True):
        touch(tmp_path / "prints" / photograph.print_path("web", "webp"))
        assert name.startswith(stem.removesuffix("-2"))
        assert len(os.fsencode(stem)) > 240 or stem == name[:80]


def test_only_the_last_suffix_is_replaced() -> None:
    """`2024.05.01` is a date, not a row of suffixes."""
    assert Photograph(Path("x"), PurePath("trip/2024.05.01")).print_path("web", "jpg") == PurePath(
        "web/trip/2024.05.01.jpg"
    )


def test_earlier_prints_are_not_photographs(tmp_path: Path) -> None:
    """With the prints' folder inside the photographs' folder, a second run develops the same photographs."""
    touch(tmp_path / "a.jpg", tmp_path / "prints" / "web" / "a.jpg")
    assert [p.path.name for p in find_photographs([tmp_path], tmp_path / "prints").photographs] == ["a.jpg"]
    assert [p.path for p in find_photographs([tmp_path], tmp_path / "prints").photographs] == [tmp_path / "a.jpg"]
    assert len(find_photographs([tmp_path / "prints"], tmp_path / "prints").photographs) == 1


def test_a_mark_that_cannot_be_read_keeps_no_photograph_from_being_found(tmp_path: Path) -> None:
    """A person may have written it, and the names that it holds may be no folders."""
    touch(tmp_path / "a.jpg", tmp_path / "web" / "b.jpg", tmp_path / "other" / "web" / "c.jpg")
    (tmp_path / ".darkroom-prints").write_bytes(b"\xff\xfe")
    (tmp_path / "other" / ".darkroom-prints").write_text("web\n\nmissing\n")
    assert print_folders(tmp_path) == [tmp_path / "other" / "web"]
    assert found(tmp_path) == {"a.jpg": "a", "b.jpg": "web/b"}


def test_a_folder_is_for_photographs_or_for_prints(tmp_path: Path) -> None:
    """Whatever it is called; folders inside and around it are others."""
    inside = tmp_path / "web"
    touch(inside / "a.jpg")
    (tmp_path / "link").symlink_to(inside)
    assert named_as_out([tmp_path, inside], tmp_path / "link") == inside
    assert named_as_out([tmp_path / "link"], inside / ".." / "web") == tmp_path / "link"
    assert named_as_out([inside], tmp_path) is None
    assert named_as_out([tmp_path], inside) is None
    assert named_as_out([inside / "a.jpg"], inside / "a.jpg") is None, "a file is refused by its own sentence"


def test_a_label_can_always_be_shown() -> None:
    """A file name from an old archive need not be UTF-8; it must not keep its siblings from being developed."""
    name = os.fsdecode("사진.jpg".encode("euc-kr"))
    label = Photograph(Path("trip") / name, PurePath("x")).label
    assert label.encode()
    assert label.startswith("trip/")
    assert Photograph(Path("trip/사진.jpg"), PurePath("x")).label == "trip/사진.jpg"


def test_whatever_may_be_an_image_is_taken_by_its_bytes_and_the_rest_counted_by_kind(tmp_path: Path) -> None:
    """Whatever it is called; a FIFO is not opened, which would wait for somebody to write into it."""
    for name in ("a.JPG_", "noext", "b.jfif", "c.thm"):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "c.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0")
    (tmp_path / "d.NEF").write_bytes(b"MM\0*\0\0\0\x08")
    (tmp_path / "page.jpg").write_bytes(b"<html>")
    (tmp_path / "notes").write_text("a note")
    os.mkfifo(tmp_path / "pipe")
    selection = find_photographs([tmp_path])
    taken = [photograph.path.name for photograph in selection.photographs]
    assert taken == ["a.JPG_", "b.jfif", "c.thm", "noext", "page.jpg"]
    assert sum(selection.left_out.values()) == 4
    assert {"HEIC", "text", "special file"} < set(selection.left_out)


def test_a_pipe_that_is_named_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    """So are sockets and devices; links to files are files."""
    touch(tmp_path / "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "pipe.jpg")
    assert named_special_file([tmp_path, tmp_path / "a.jpg"]) is None
    assert named_special_file([tmp_path / "a.jpg", tmp_path / "pipe.jpg"]) == tmp_path / "pipe.jpg"
    assert named_special_file([tmp_path / "link"]) == tmp_path / "link"
    assert named_special_file([Path("/dev/zero")]) == Path("/dev/zero")
