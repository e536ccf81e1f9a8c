"""A multipart body taken apart, however it is cut into pieces."""

from collections.abc import AsyncIterator

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, boundary_of, read_parts

BODY = (
    b'--b\r\nContent-Disposition: form-data; name="batch_name"\r\n\r\n\xed\x95\x9c\r\n'
    b'--b\r\ncontent-disposition: form-data; name="files"; filename="a \\"1\\".jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    b"\xff\xd8\r\n--not a boundary\r\n\r\n"
    b'--b\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n\r\n--b--\r\n'
)
PARTS = [
    ("batch_name", None, "한".encode()),
    ("files", 'a "1".jpg', b"\xff\xd8\r\n--not a boundary\r\n"),
    ("files", "", b""),
]


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    """The body in pieces of so many bytes."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def taken_apart(body: bytes, size: int = 64) -> list[tuple[str, str | None, bytes]]:
    """Each part's field, file name and bytes."""
    parts: list[tuple[str, str | None, bytes]] = []
    async for event in read_parts(pieces(body, size), "b"):
        if isinstance(event, PartBegan):
            parts.append((event.field, event.file_name, b""))
        elif not isinstance(event, PartEnded):
            field, name, data = parts[-1]
            parts[-1] = (field, name, data + event)
    return parts


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
async def test_parts_are_the_same_however_the_body_is_cut(size: int) -> None:
    """Down to single bytes, with boundaries and headers cut in the middle."""
    assert await taken_apart(BODY, size) == PARTS


@pytest.mark.parametrize("length", range(0, len(BODY) - 4, 5))
async def test_a_body_cut_off_anywhere_is_refused(length: int) -> None:
    """It is never taken for a shorter upload."""
    with pytest.raises(ApiError) as refused:
        await taken_apart(BODY[:length])
    assert refused.value.code == "body_incomplete"


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        b"--other\r\n\r\n",
        b"--b\r\n\r\nno headers\r\n--b--\r\n",
        b"--b\r\nContent-Type: text/plain\r\n\r\nno disposition\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: attachment; name="files"\r\n\r\nx\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; filename="a"\r\n\r\nno name\r\n--b--\r\n',
        b"--b\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"--b\r\n" + b"X: y\r\n" * 1000,
    ],
)
async def test_what_is_no_multipart_body_is_refused(body: bytes) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(ApiError) as refused:
        await taken_apart(body)
    assert refused.value.code == "body_malformed"


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
@pytest.mark.parametrize("epilogue", [b"junk", b"\r\njunk", BODY, b"\r\n" * 1000, b" " * 5000])
async def test_what_follows_the_closing_boundary_is_refused(epilogue: bytes, size: int) -> None:
    """However the body is cut, so that one request has one answer; endless white space as well."""
    with pytest.raises(ApiError) as refused:
        await taken_apart(BODY + epilogue, size)
    assert refused.value.code == "body_malformed"


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
async def test_a_few_line_breaks_may_follow_the_closing_boundary(size: int) -> None:
    """Some clients end so, and a file may hold what looks like a closing boundary."""
    body = BODY.replace(b"\r\n--not a boundary", b"x--b--y")
    parts = await taken_apart(body + b"\r\n\r\n", size)
    assert parts[1][2] == b"\xff\xd8x--b--y\r\n"


def test_the_boundary_is_found() -> None:
    """With and without quotes."""
    assert boundary_of("multipart/form-data; boundary=abc") == "abc"
    assert boundary_of('Multipart/Form-Data; charset=utf-8; boundary="a b"') == "a b"


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        (None, "content_type_unsupported"),
        ("", "content_type_unsupported"),
        ("application/json", "content_type_unsupported"),
        ("multipart/mixed; boundary=b", "content_type_unsupported"),
        ("multipart/form-data", "body_malformed"),
        ("multipart/form-data; boundary=", "body_malformed"),
        (f"multipart/form-data; boundary={'b' * 300}", "body_malformed"),
    ],
)
def test_a_content_type_without_a_form_is_refused(content_type: str | None, code: str) -> None:
    """Before anything is read."""
    with pytest.raises(ApiError) as refused:
        boundary_of(content_type)
    assert refused.value.code == code


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
async def test_only_blanks_may_follow_the_closing_boundary(size: int) -> None:
    """However the body is cut, as long as the rest does not come with the boundary itself."""
    assert await taken_apart(BODY + b"\r\n \r\n", size) == PARTS
    with pytest.raises(ApiError) as refused:
        await taken_apart(BODY + b"\r\n" + b"junk" * 5000, size)
    assert refused.value.code == "body_malformed"


@pytest.mark.parametrize("encoding", ["binary", "8BIT", "base64"])
async def test_a_part_that_is_encoded_for_transfer_is_refused(encoding: str) -> None:
    """It would be stored encoded."""
    head = f'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    body = head.encode() + b"eA==\r\n--b--"
    if encoding != "base64":
        assert await taken_apart(body) == [("a", None, b"eA==")]
        return
    with pytest.raises(ApiError) as refused:
        await taken_apart(body)
    assert refused.value.code == "body_malformed"
