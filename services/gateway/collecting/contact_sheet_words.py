"""The words of contact sheets."""

from shared.translated import TranslatedCode


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
    COMPLETED = (
        "completed",
        "완료",
        "completed",
    )
    FAILED = (
        "failed",
        "실패",
        "failed",
    )
    PENDING = (
        "pending",
        "대기 중",
        "pending",
    )
    REVOKED = (
        "revoked",
        "취소됨",
        "revoked",
    )
    TOO_LARGE = (
        "too_large",
        "결과물이 커서 여기에 싣지 않았습니다.",
        "Its prints are too large to be shown here.",
    )
    NEXT = (
        "next",
        "다음 이미지",
        "Next images",
    )
    END = (
        "end",
        "밀착 인화지의 끝입니다.",
        "This is the end of the sheet.",
    )
