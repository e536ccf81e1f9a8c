"""Chromium without a window, with the project's own Hangul letters."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.processes import ROOT

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FONTS = """<?xml version="1.0"?>
<fontconfig>
<dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir>
<match target="pattern">
<test qual="all" name="family" compare="not_eq"><string>monospace</string></test>
<edit name="family" mode="prepend" binding="strong"><string>NanumGothic</string></edit>
</match>
</fontconfig>
"""
"""The project's own Hangul letters: without any, a system's browser draws boxes."""


@asynccontextmanager
async def launched(scratch: Path, *arguments: str) -> AsyncIterator[Browser]:
    """Start the browser with further arguments, and with its settings and caches in an empty folder."""
    fonts = scratch / "fonts.conf"
    own = ROOT / "services" / "worker" / "imaging" / "fonts"
    fonts.write_text(FONTS.format(fonts=own, cache=scratch / "fonts"))
    # Without a language in UTF-8, Chromium finds no file with a Korean name.
    environment: dict[str, str | float | bool] = {
        "FONTCONFIG_FILE": str(fonts),
        "HOME": str(scratch),
        "LANG": "C.UTF-8",
    }
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments], env=environment
        )
        yield browser
        await browser.close()
