"""What an image was developed in spite of."""

from collections.abc import Iterable, Mapping

from shared.translated import Language, TranslatedCode


class NoteCode(TranslatedCode):
    """The worker's stable codes of notes; `docs/image-safety.md` explains them."""

    ICC_IGNORED = (
        "icc_ignored",
        "색 프로파일을 쓸 수 없어 sRGB로 보았습니다.",
        "Its colour profile cannot be used; it was taken for sRGB.",
    )
    CMYK_NAIVE = (
        "cmyk_naive",
        "CMYK에 색 프로파일이 없어 색이 어림값입니다.",
        "It is CMYK without a colour profile; its colours are a guess.",
    )
    INKS_GUESSED = (
        "inks_guessed",
        "잉크가 반전되어 있는지 파일에 적혀 있지 않아 내용으로 판단했습니다.",
        "The file does not say whether its inks are inverted; its content decided.",
    )
    EXIF_IGNORED = ("exif_ignored", "EXIF를 읽을 수 없습니다.", "Its EXIF cannot be read.")
    END_MISSING = (
        "end_missing",
        "파일의 끝 표시가 없지만 픽셀은 모두 있습니다.",
        "The file's end marker is missing, but every pixel is there.",
    )
    DAMAGED = (
        "damaged",
        "파일이 손상되어 픽셀 일부가 잘못되었거나 없습니다. 결과물을 확인해 주세요.",
        "The file is damaged, and some of its pixels are wrong or missing. Check the prints.",
    )
    CHUNKS_IGNORED = (
        "chunks_ignored",
        "PNG의 부가 정보가 손상되어 빼고 현상했습니다.",
        "Damaged parts of the PNG beside its pixels were left out.",
    )
    COLOUR_IGNORED = (
        "colour_ignored",
        "PNG의 색 공간을 적용할 수 없어 sRGB로 보았습니다.",
        "The PNG's colour space cannot be applied; it was taken for sRGB.",
    )
    CROP_IGNORED = (
        "crop_ignored",
        "AVIF의 자르기 영역이 이미지를 벗어나 전체를 현상했습니다.",
        "The AVIF's crop does not lie within it; all of it was developed.",
    )
    LETTERS_MISSING = (
        "letters_missing",
        "글꼴에 없는 글자가 워터마크에 있어 네모로 찍혔습니다.",
        "The watermark has letters that the font lacks; boxes were printed in their place.",
    )


def note_sentences(codes: Iterable[str], language: Language) -> Mapping[str, str]:
    """Give a sentence for each code that is known, by its code."""
    known = ((code, NoteCode.of_code(code)) for code in codes)
    return {code: note.text.in_language(language) for code, note in known if note is not None}
