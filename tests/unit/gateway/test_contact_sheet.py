"""Contact sheets: what stands on them, and that nothing on them is taken for anything else."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from services.gateway.collecting.contact_sheet import MAX_SHOWN_BYTES, shown_print
from services.gateway.collecting.image_pages import ListedImage
from shared.documents import REVOKED, ManifestEntry, Outcome
from shared.object_keys import print_key
from tests.developed import BATCH_ID, UNREADABLE, Picture, record
from tests.fakes import START
from tests.unit.gateway.conftest import JPEG, Gateway

ADDRESS = f"/pipeline/batch/{BATCH_ID}/contact-sheet"
ENGLISH = {"Accept-Language": "en"}
TWO = {"web": JPEG, "thumbnail": JPEG[:50]}
HOSTILE = "\"><script>alert(1)</script><img src=x onerror='x'>&.jpg"


class Sheet(HTMLParser):
    """A sheet as a browser understands it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.links: list[str | None] = []
        self.text: list[str] = []
        self.style = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect it."""
        self.tags.append(tag)
        self._open.append(tag)
        if tag == "img":
            self.pictures.append(dict(attrs))
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_data(self, data: str) -> None:
        """Collect it."""
        if self._open[-1:] == ["style"]:
            self.style += data
        elif data.strip():
            self.text.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        """Go back to what is around it."""
        while self._open and self._open.pop() != tag:
            pass


async def sheet(gateway: Gateway, address: str = ADDRESS, headers: dict[str, str] | None = None) -> Sheet:
    """The sheet."""
    response = await gateway.client.get(address, headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Sheet(response.text)


async def test_a_sheet_shows_the_smallest_print_of_each_image(gateway: Gateway) -> None:
    """With its name, and its bytes in the page."""
    await record(gateway.ports, [Picture("제주.jpg", TWO), Picture("b.jpg", {"web": JPEG})])
    shown = await sheet(gateway)
    encoded = base64.b64encode(JPEG[:50]).decode()
    assert shown.pictures[0] == {
        "src": f"data:image/jpeg;base64,{encoded}",
        "width": "320",
        "height": "240",
        "alt": "제주.jpg",
    }
    assert [picture["alt"] for picture in shown.pictures] == ["제주.jpg", "b.jpg"]
    assert {"제주.jpg", "b.jpg", "0 · 완료", "1 · 완료", "밀착 인화지의 끝입니다."} <= set(shown.text)


async def test_what_has_no_print_says_why(gateway: Gateway) -> None:
    """Failed ones with the sentence for their owner, in the language that is asked for."""
    pictures = [Picture("f.jpg"), Picture("r.jpg", otherwise=REVOKED), Picture("p.jpg", otherwise=None)]
    await record(gateway.ports, pictures, status="STARTED")
    english = await sheet(gateway, headers=ENGLISH)
    assert not english.pictures
    assert {"This is not an image.", "0 · failed", "1 · revoked", "2 · pending"} <= set(english.text)
    korean = await sheet(gateway)
    assert "이미지가 손상되었거나 이미지가 아닙니다. 원본을 확인하고 다시 올려 주세요." in korean.text
    assert {"0 · 실패", "1 · 취소됨", "2 · 대기 중"} <= set(korean.text)


async def test_a_clients_text_is_only_ever_text(gateway: Gateway) -> None:
    """In names, in the batch's name and in failures."""
    failed = Outcome(state="failed", code="no_such_code", message=HOSTILE)
    pictures = [Picture(HOSTILE, TWO), Picture(HOSTILE, otherwise=failed), Picture("a\0\u202eb\n.jpg", TWO)]
    await record(gateway.ports, pictures, name=HOSTILE)
    shown = await sheet(gateway, headers=ENGLISH)
    assert "script" not in shown.tags
    assert shown.tags.count("img") == 2
    assert shown.text.count(HOSTILE) == 5
    assert "a\ufffd\ufffdb\ufffd.jpg" in shown.text
    assert set(shown.pictures[0]) == {"src", "width", "height", "alt"}


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("👩\u200d👩\u200d👧.jpg", "👩\u200d👩\u200d👧.jpg"),
        ("क्\u200cष.jpg", "क्\u200cष.jpg"),
        ("", "\N{EN DASH}"),
        (" \u200d ", "\N{EN DASH}"),
        ("\u202e", "\ufffd"),
    ],
)
async def test_a_name_is_shown_as_it_is_meant(gateway: Gateway, name: str, caption: str) -> None:
    """With the joiners in it, as on the print's file; where there is none to be seen, a dash says so."""
    await record(gateway.ports, [Picture(name, TWO)])
    shown = await sheet(gateway)
    assert caption in shown.text
    assert shown.pictures[0]["alt"] == caption


async def test_nothing_runs_on_a_sheet_and_nothing_is_fetched(gateway: Gateway) -> None:
    """The policy allows its one style and the pictures in it, in the header and in the page once that is saved."""
    await record(gateway.ports, [Picture("a.jpg", TWO)])
    response = await gateway.client.get(ADDRESS)
    policy = response.headers["content-security-policy"]
    style = base64.b64encode(hashlib.sha256(Sheet(response.text).style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    in_page = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', response.text)
    assert in_page == [policy.removesuffix("; frame-ancestors 'none'")]
    assert "style=" not in response.text
    assert response.headers["content-language"] == "ko"
    assert response.headers["content-disposition"].startswith('inline; filename="holiday-contact-sheet.html"')


async def test_a_sheet_is_made_to_be_printed(gateway: Gateway) -> None:
    """In columns, with no cell on two pages."""
    await record(gateway.ports, [Picture("a.jpg", TWO)])
    style = (await sheet(gateway)).style
    assert "@page { size: A4;" in style
    assert "@media print" in style
    assert "break-inside: avoid" in style


async def test_sheets_follow_each_other(gateway: Gateway) -> None:
    """Each links to the next, the last to none; together they show every image once."""
    await record(gateway.ports, [Picture(f"{number}.jpg", TWO) for number in range(5)])
    address, seen = f"{ADDRESS}?limit=2", list[str | None]()
    while True:
        shown = await sheet(gateway, address, ENGLISH)
        seen += [picture["alt"] for picture in shown.pictures]
        if not shown.links:
            break
        address = f"/pipeline/batch/{BATCH_ID}/{shown.links[0]}"
    assert seen == [f"{number}.jpg" for number in range(5)]
    assert any(text.startswith("Images 4 to 4 of 5 · 5 completed, 0 failed") for text in shown.text)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("cursor=1", 404, "image_not_found"),
        ("cursor=-1", 422, "invalid_request"),
        ("limit=0", 422, "invalid_request"),
        ("limit=1000001", 422, "invalid_request"),
    ],
)
async def test_bounds_that_cannot_be_are_refused(gateway: Gateway, query: str, status: int, code: str) -> None:
    """In the envelope."""
    await record(gateway.ports, [Picture("a.jpg", TWO)])
    response = await gateway.client.get(f"{ADDRESS}?{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_there_is_no_sheet_of_a_deleted_batch_or_without_a_print_that_should_be_there(gateway: Gateway) -> None:
    """Nothing is left out without a word."""
    batch = await record(gateway.ports, [Picture("a.jpg", TWO)])
    await gateway.ports.objects.remove(print_key(BATCH_ID, 0, "thumbnail", "jpg"))
    response = await gateway.client.get(ADDRESS)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "print_missing")
    await gateway.ports.batches.change(batch.id, lambda batch: batch.deleted(START))
    response = await gateway.client.get(ADDRESS)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "batch_not_found")


async def test_a_head_request_costs_no_sheet(gateway: Gateway) -> None:
    """Only its headers."""
    await record(gateway.ports, [Picture("a.jpg", TWO)])
    response = await gateway.client.head(ADDRESS)
    assert (response.status_code, response.content) == (200, b"")


async def test_a_print_too_large_for_a_page_is_not_put_into_it(gateway: Gateway) -> None:
    """The image's cell says so."""
    await record(gateway.ports, [Picture("a.jpg", {"web": bytes(MAX_SHOWN_BYTES + 1)})])
    shown = await sheet(gateway, headers=ENGLISH)
    assert not shown.pictures
    assert {"a.jpg", "0 · completed", "Its prints are too large to be shown here."} <= set(shown.text)


def test_the_smallest_print_has_the_fewest_pixels() -> None:
    """Whatever its bytes; an image that failed has none."""
    entry = ManifestEntry(index=0, name="a.jpg", size_bytes=1)
    outcome = Picture("a.jpg", {"web": b"1", "thumbnail": b"22"}).outcome()
    assert outcome
    smallest = shown_print(ListedImage(entry, outcome))
    assert smallest
    assert smallest.output == "thumbnail"
    assert shown_print(ListedImage(entry, UNREADABLE)) is None
    assert shown_print(ListedImage(entry, None)) is None
