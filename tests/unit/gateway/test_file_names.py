"""Names as clients of every kind send them."""

import pytest

from services.gateway.uploading.file_names import part_names


def named(disposition: bytes) -> str | None:
    """The file name that a Content-Disposition means."""
    text = (b'form-data; name="files"; ' + disposition).decode("latin-1")
    field, name = part_names(text)
    assert field == "files"
    return name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"x=y", None),
        (b'filename=""', ""),
        (b"filename=a.jpg", "a.jpg"),
        ('filename="제주.jpg"'.encode(), "제주.jpg"),
        ('filename="제주.jpg"'.encode("cp949"), "제주.jpg"),
        (b'filename="a\\"b.jpg"', 'a"b.jpg'),
        (b'filename="a%22b%0D%0Ac.jpg"', 'a"b��c.jpg'),
        (b"filename*=UTF-8''%EC%A0%9C%EC%A3%BC.jpg", "제주.jpg"),
        (b"filename*=utf-8'ko'%EC%A0%9C%EC%A3%BC.jpg; filename=\"x.jpg\"", "제주.jpg"),
        (b"filename=\"x.jpg\"; filename*=euc-kr''%C1%A6%C1%D6.jpg", "제주.jpg"),
        (b"filename=\"x.jpg\"; filename*=nonsense''%C1", "x.jpg"),
        (b'filename="x.jpg"; filename*=broken', "x.jpg"),
        (b"filename*=nonsense''%EC%A0%9C%EC%A3%BC.jpg", "제주.jpg"),
        (b"filename*=undefined''a.jpg", "a.jpg"),
        (b"filename*=idna''xn--a.jpg", "xn--a.jpg"),
        (b"filename*=utf-8\x00''a.jpg", "a.jpg"),
        (b"filename*=\"UTF-8''%EC%A0%9C%EC%A3%BC.jpg\"", "제주.jpg"),
        (b"filename*0*=UTF-8''%EC%A0%9C; filename*1*=%EC%A3%BC; filename*2=.jpg", "제주.jpg"),
        (b'filename="=?undefined?Q?eA?="', "=?undefined?Q?eA?="),
        (b'filename="=?utf-8?B?7KCc7KO8LmpwZw==?="', "제주.jpg"),
        (b'filename="=?utf-8?Q?=EC=A0=9C=EC=A3=BC.jpg?="', "제주.jpg"),
        (b'filename="=?nonsense?B?eA==?="', "=?nonsense?B?eA==?="),
        (b'filename="%EC%A0%9C%EC%A3%BC.jpg"', "제주.jpg"),
        (b'filename="100%25.jpg"', "100%25.jpg"),
        (b'filename="50%.jpg"', "50%.jpg"),
        (b'filename="50%FF.jpg"', "50%FF.jpg"),
        (b'filename="C:\\fakepath\\a.jpg"', "a.jpg"),
        (b'filename="../../etc/passwd"', "../../etc/passwd"),
        (b'filename="\xff\xff.jpg"', "��.jpg"),
    ],
)
def test_a_name_is_decoded_as_its_sender_meant_it(disposition: bytes, name: str | None) -> None:
    """Browsers, curl, older mail-like clients, Korean systems without UTF-8; rubbish stays a label."""
    assert named(disposition) == name
