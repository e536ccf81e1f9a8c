"""A step that tells something about an image: what is written in it, as tesseract reads it."""

import io
import subprocess
from typing import Annotated

from PIL import Image
from pydantic import Field

_PATIENCE_SECONDS = 15


def read_text(
    image: Image.Image,
    *,
    languages: Annotated[str, Field(pattern=r"^[a-z]{3}(\+[a-z]{3}){0,3}$", description="Such as kor+eng.")] = "eng",
    max_characters: Annotated[int, Field(ge=1, le=1000)] = 500,
) -> dict[str, str]:
    """Read the text in the image; it stays as it is."""
    file = io.BytesIO()
    image.convert("RGB").save(file, "BMP")
    read = subprocess.run(
        ["tesseract", "stdin", "stdout", "-l", languages],
        input=file.getvalue(),
        capture_output=True,
        check=True,
        timeout=_PATIENCE_SECONDS,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "OMP_THREAD_LIMIT": "1"},
    )
    return {"text": " ".join(read.stdout.decode(errors="replace").split())[:max_characters]}
