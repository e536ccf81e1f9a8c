"""The parts of a contact sheet's page, as text. Everything that comes from a client is escaped here."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

from services.gateway.collecting.image_pages import ListedImage, OutcomeFilter
from services.gateway.collecting.print_names import JOINERS
from shared.documents import Batch, Print
from shared.failure_codes import failure_sentence
from shared.translated import Language, TranslatedCode

_STYLE = """
:root { color-scheme: light; }
body { margin: 1.5rem; font: 12px/1.4 system-ui, sans-serif; color: #222; background: #fff; }
h1 { margin: 0; font-size: 1.5rem; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); }
figure { box-sizing: border-box; margin: 0; padding: .5rem; overflow-wrap: anywhere; word-break: keep-all; }
figure > :first-child { display: flex; height: 11rem; align-items: center; justify-content: center; }
img { max-width: 100%; max-height: 100%; width: auto; height: auto; }
.failed > :first-child, .revoked > :first-child, .pending > :first-child, .large > :first-child {
  box-sizing: border-box; padding: .5rem; border: 1px dashed #999; text-align: center; }
.failed > :first-child { border-color: #b00; color: #b00; }
figcaption { padding-top: .25rem; font-weight: 600; }
small { display: block; font-size: 11px; font-weight: 400; color: #555; }
body:has(#end) #unfinished { display: none; }
@page { size: A4; margin: 12mm; }
@media print {
  body { margin: 0; }
  main { display: block; }
  figure { display: inline-block; width: 24%; vertical-align: top; break-inside: avoid; }
  figure > :first-child { height: 38mm; }
  nav { display: none; }
}
"""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src data:; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing may run and nothing be fetched: pictures are in the page, and the style is the one that stands here."""


class SheetWord(TranslatedCode):
    """What a contact sheet says apart from names and why images failed."""

    COUNTS = (
        "counts",
        "전체 {total}장 중 {first}번부터 {last}번까지 · 완료 {completed}장, 실패 {failed}장 · {moment} 업로드",
        "Images {first} to {last} of {total} · {completed} completed, {failed} failed · uploaded {moment}",
    )
    UNFINISHED = (
        "unfinished",
        "불러오는 중입니다. 다 불러온 뒤에도 이 문장이 보이면 중간에 끊긴 것이니 다시 열어 주세요.",
        "Loading. If this sentence stays once loading has ended, the sheet broke off: open it again.",
    )
    COMPLETED = ("completed", "완료", "completed")
    FAILED = ("failed", "실패", "failed")
    PENDING = ("pending", "대기 중", "pending")
    REVOKED = ("revoked", "취소됨", "revoked")
    TOO_LARGE = ("too_large", "결과물이 커서 여기에 싣지 않았습니다.", "Its prints are too large to be shown here.")
    NEXT = ("next", "다음 이미지", "Next images")
    END = ("end", "밀착 인화지의 끝입니다.", "This is the end of the sheet.")


_STATES: Mapping[OutcomeFilter, SheetWord] = MappingProxyType(
    {
        "completed": SheetWord.COMPLETED,
        "failed": SheetWord.FAILED,
        "pending": SheetWord.PENDING,
        "revoked": SheetWord.REVOKED,
    }
)
_MARK = "\N{REPLACEMENT CHARACTER}"
_NAMELESS = "\N{EN DASH}"
_UNSEEN = "".join(JOINERS) + " "


@dataclass(frozen=True)
class SheetPage:
    """A page that shows the images from `first` to below `end` of a batch, in a language."""

    batch: Batch
    first: int
    end: int
    language: Language

    def head(self) -> str:
        """Everything before the first image."""
        name = _shown(self.batch.name)
        return (
            f'<!doctype html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">\n'
            # The header's policy is lost when a person saves the page.
            f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<header>\n"
            f"<h1><bdi>{name}</bdi></h1>\n<p>{self._counts()}</p>\n"
            f'<p id="unfinished">{self._say(SheetWord.UNFINISHED)}</p>\n</header>\n<main>\n'
        )

    def image(self, image: ListedImage, shown: Print | None, data: bytes) -> str:
        """One image: its print's bytes if it is `shown`, or why it is not, and its name."""
        name = _shown(image.entry.name)
        state = self._say(_STATES[image.state])
        caption = f"<figcaption><bdi>{name}</bdi><small>{image.entry.index} · {state}</small></figcaption>"
        if shown:
            source = f"data:{escape(shown.media_type)};base64,{base64.b64encode(data).decode()}"
            size = f'width="{shown.width}" height="{shown.height}"'
            picture = f'<div><img src="{source}" {size} alt="{name}"></div>'
            return f'<figure class="{image.state}">{picture}{caption}</figure>\n'
        kind = "large" if image.state == "completed" else image.state
        return f'<figure class="{kind}"><div>{self._why_not(image)}</div>{caption}</figure>\n'

    def tail(self) -> str:
        """Everything after the last image; a page that has none of it broke off."""
        onward = ""
        if self.end < self.batch.total_images:
            # Relative to the page's own address.
            address = f"contact-sheet?cursor={self.end}&amp;limit={self.end - self.first}"
            onward = f'<nav><a href="{address}">{self._say(SheetWord.NEXT)}</a></nav>\n'
        end = self._say(SheetWord.END)
        return f'</main>\n<footer id="end">\n{onward}<p>{end}</p>\n</footer>\n</body>\n</html>\n'

    def _say(self, word: SheetWord) -> str:
        return word.text.in_language(self.language)

    def _counts(self) -> str:
        batch = self.batch
        counts = {
            "first": self.first,
            "last": self.end - 1,
            "total": batch.total_images,
            "completed": batch.completed_images,
            "failed": batch.failed_images,
            "moment": batch.created_at.strftime("%Y-%m-%d %H:%M UTC"),
        }
        return SheetWord.COUNTS.text.in_language(self.language, counts)

    def _why_not(self, image: ListedImage) -> str:
        outcome = image.outcome
        if outcome is None or outcome.state == "revoked":
            return self._say(_STATES[image.state])
        if outcome.state == "completed":
            return self._say(SheetWord.TOO_LARGE)
        why = failure_sentence(outcome.code, outcome.message, self.language)
        return escape(why or outcome.code or self._say(SheetWord.FAILED))


def _shown(text: str) -> str:
    """A client's text in a page: characters that a page may not hold, or that cannot be seen, become a mark.

    A dash stands for a text of which nothing can be seen at all.
    """
    if not text.strip(_UNSEEN):
        return _NAMELESS
    return escape("".join(character if _may_be_shown(character) else _MARK for character in text))


def _may_be_shown(character: str) -> bool:
    return character.isprintable() or character in JOINERS
