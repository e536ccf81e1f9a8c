"""EXIF's texts: of any encoding in fact, though the standard knows ASCII only."""


def decoded(text: str) -> tuple[str, str]:
    """Give a text of EXIF as it was meant, and its encoding: UTF-8 if it can be that, or else Latin-1.

    Pillow reads all of them as Latin-1. What is meant so, with a letter beyond ASCII, is hardly ever UTF-8 as well.
    """
    try:
        return text.encode("latin-1").decode("utf-8"), "utf-8"
    except UnicodeError:
        return text, "latin-1"
