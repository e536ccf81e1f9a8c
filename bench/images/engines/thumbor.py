"""Thumbor's own engine on Pillow, called as its server calls it, once for each print: a URL there is one print."""

from typing import Any

from thumbor.config import Config
from thumbor.context import Context, RequestParameters
from thumbor.engines.pil import Engine

from bench.images.engines.asked import AskedPrint


def develop(data: bytes, asked: list[AskedPrint]) -> list[bytes]:
    """Develop one image."""
    return [_print(data, one) for one in asked]


def _print(data: bytes, asked: AskedPrint) -> bytes:
    engine = Engine(_context())
    engine.load(data, ".jpg")
    width, height = engine.size
    scale = min(1.0, asked["side"] / max(width, height))
    engine.resize(max(1, round(width * scale)), max(1, round(height * scale)))
    return bytes(engine.read(f".{asked['format'].replace('jpeg', 'jpg')}", asked["quality"]))


def _context() -> Any:
    config = Config(RESPECT_ORIENTATION=True, PROGRESSIVE_JPEG=False)
    context = Context(config=config)
    context.request = RequestParameters()
    return context
