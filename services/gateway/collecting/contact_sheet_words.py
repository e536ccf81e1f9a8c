"""What contact sheets say besides names and failures, in Korean and English."""

from collections.abc import Mapping
from types import MappingProxyType

from services.gateway.answers.language import Language

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "counts": (
            "전체 {total}장 중 {first}번부터 {last}번까지 · 완료 {completed}장, 실패 {failed}장 · {moment} 업로드",
            "Images {first} to {last} of {total} · {completed} completed, {failed} failed · uploaded {moment}",
        ),
        "unfinished": (
            "불러오는 중입니다. 다 불러온 뒤에도 이 문장이 보이면 중간에 끊긴 것이니 다시 열어 주세요.",
            "Loading. If this sentence stays once loading has ended, the sheet broke off: open it again.",
        ),
        "completed": ("완료", "completed"),
        "failed": ("실패", "failed"),
        "pending": ("대기 중", "pending"),
        "revoked": ("취소됨", "revoked"),
        "too_large": (
            "결과물이 커서 여기에 싣지 않았습니다.",
            "Its prints are too large to be shown here.",
        ),
        "next": ("다음 이미지", "Next images"),
        "end": ("밀착 인화지의 끝입니다.", "This is the end of the sheet."),
    }
)


def word(name: str, language: Language, values: Mapping[str, object] | None = None) -> str:
    """The word or sentence with its values filled in."""
    korean, english = _WORDS[name]
    return (english if language == "en" else korean).format_map({} if values is None else values)


def word_names() -> tuple[str, ...]:
    """All that there are."""
    return tuple(_WORDS)
