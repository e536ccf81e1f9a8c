"""Ways to look at a page: language, theme and size of the window."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import groupby, product
from typing import Any, Literal, NamedTuple

import pytest
from playwright.async_api import Browser, Page

Scheme = Literal["light", "dark"]
LANGUAGES = ("ko-KR", "en-US")
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SIZES = ((1280, 900), (768, 1000), (360, 740))

NEXT_FRAME = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))"
WIDER_THAN_WINDOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Look(NamedTuple):
    """One way; the size is width and height in CSS pixels."""

    language: str
    scheme: Scheme
    size: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.language} {self.scheme} {self.size[0]}"


LOOKS = tuple(Look(*each) for each in product(LANGUAGES, SCHEMES, SIZES))


def shared_out(views: Iterable[str]) -> list[Any]:
    """Parameters of a test: each view in one of the looks, and then, in the exhaustive tests, in all others.

    Over a dozen views each two of language, theme and size come together, as most faults need no more.
    """
    parameters = []
    for place, view in enumerate(views):
        own = LOOKS[place % len(LOOKS)]
        others = tuple(look for look in LOOKS if look != own)
        parameters += [
            pytest.param(view, (own,), id=f"{view} {own}"),
            pytest.param(view, others, id=f"{view} in every other look", marks=pytest.mark.exhaustive),
        ]
    return parameters


async def each_look(
    browser: Browser, looks: Iterable[Look], show: Callable[[Page], Awaitable[None]]
) -> AsyncIterator[tuple[Look, Page]]:
    """The page in each of the looks; shown anew only in another language."""
    for language, group in groupby(looks, key=lambda look: look.language):
        context = await browser.new_context(locale=language)
        page, is_shown = await context.new_page(), False
        for look in group:
            await page.emulate_media(color_scheme=look.scheme)
            await page.set_viewport_size({"width": look.size[0], "height": look.size[1]})
            if not is_shown:
                await show(page)
                is_shown = True
            await page.evaluate(NEXT_FRAME)
            yield look, page
        await context.close()
