"""Notes on images, in sentences."""

import re
from pathlib import Path

from shared.note_codes import NoteCode, note_sentences


def test_every_note_of_the_docs_has_a_sentence_and_every_sentence_a_note_in_the_docs() -> None:
    """Codes that a newer worker knows are left to programs."""
    page = (Path(__file__).parents[3] / "docs" / "image-safety.md").read_text()
    section = page[page.index("## What is noted") : page.index("## What was run")]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == {note.value for note in NoteCode}
    assert note_sentences(["damaged", "of_tomorrow"], "en") == {"damaged": NoteCode.DAMAGED.text.english}
    assert "손상" in note_sentences(["damaged"], "ko")["damaged"]
