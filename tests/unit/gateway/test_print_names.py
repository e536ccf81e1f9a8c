"""File names made of a client's text."""

import unicodedata

import pytest

from services.gateway.collecting.print_names import content_disposition, file_stem, numbered, print_name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("IMG_2041.jpg", "IMG_2041-web.jpg"),
        ("제주 여행.png", "제주 여행-web.jpg"),
        (unicodedata.normalize("NFD", "제주.png"), "제주-web.jpg"),
        ("../../etc/passwd", "passwd-web.jpg"),
        ("..\\..\\boot.ini", "boot-web.jpg"),
        ("C:\\photos\\a.jpg", "a-web.jpg"),
        ("/", "image-web.jpg"),
        ("", "image-web.jpg"),
        ("..", "..-web.jpg"),
        ("a\0b\n.jpg", "a_b_-web.jpg"),
        ("\u202egpj.exe", "_gpj-web.jpg"),
        ("a<b>:\"|?*'.jpg", "a_b______'-web.jpg"),
        ("👩\u200d👧.jpg", "👩\u200d👧-web.jpg"),
        ("\ud800.jpg", "_-web.jpg"),
        ("  .jpg  ", "image-web.jpg"),
    ],
)
def test_a_print_is_named_after_its_original(label: str, name: str) -> None:
    """As far as that is harmless on every system."""
    assert print_name(label, "web", "jpg") == name


def test_a_name_is_never_too_long_for_a_file_system() -> None:
    """And is not cut within a letter."""
    name = numbered(999_999, 1_000_000, print_name("가" * 5000 + ".jpg", "o" * 32, "jpeg"))
    assert len(name.encode()) <= 255
    assert "가" in name
    assert "\ufffd" not in name


def test_numbers_sort_as_the_upload_was() -> None:
    """All have as many digits as the last one."""
    assert [numbered(index, 1000, "a") for index in (0, 17, 999)] == ["000-a", "017-a", "999-a"]
    assert numbered(0, 1, "a") == "0-a"


def test_a_stem_of_nothing_is_replaced() -> None:
    """By what stands for it."""
    assert file_stem("   ", "prints") == "prints"


def test_a_header_holds_any_name() -> None:
    """In ASCII for old clients, in UTF-8 for all others."""
    value = content_disposition("attachment", '제주 "1"; x.zip')
    assert value.startswith('attachment; filename="__ _1__ x.zip"; ')
    assert value.endswith("filename*=UTF-8''%EC%A0%9C%EC%A3%BC%20%221%22%3B%20x.zip")
    assert value.isascii()
