"""The recipes that Darkroom brings along."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.recipes.outputs import AvifOutput, JpegOutput, WebpOutput
from shared.recipes.recipe import Recipe
from shared.recipes.steps import AutoOrient
from shared.recipes.values import Box

_WEB = Box(width=1600, height=1600)
_THUMBNAIL = Box(width=320, height=320)
_ARCHIVE = Box(width=4096, height=4096)

BUILT_IN_RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        recipe.name: recipe
        for recipe in (
            Recipe(
                name="web",
                steps=(AutoOrient(),),
                outputs=(JpegOutput(name="web", fit=_WEB), JpegOutput(name="thumbnail", fit=_THUMBNAIL)),
            ),
            Recipe(
                name="web-webp",
                steps=(AutoOrient(),),
                outputs=(WebpOutput(name="web", fit=_WEB), WebpOutput(name="thumbnail", fit=_THUMBNAIL)),
            ),
            Recipe(
                name="web-avif",
                steps=(AutoOrient(),),
                outputs=(AvifOutput(name="web", fit=_WEB), AvifOutput(name="thumbnail", fit=_THUMBNAIL)),
            ),
            Recipe(
                name="thumbnail",
                steps=(AutoOrient(),),
                outputs=(JpegOutput(name="thumbnail", fit=_THUMBNAIL),),
            ),
            Recipe(
                name="archive",
                steps=(AutoOrient(),),
                outputs=(
                    JpegOutput(name="archive", fit=_ARCHIVE, quality=92),
                    JpegOutput(name="thumbnail", fit=_THUMBNAIL),
                ),
                metadata="copyright",
            ),
            Recipe(
                name="social",
                steps=(AutoOrient(),),
                outputs=(
                    JpegOutput(name="square", cover=Box(width=1080, height=1080), gravity="smart"),
                    JpegOutput(name="portrait", cover=Box(width=1080, height=1350), gravity="smart"),
                    JpegOutput(name="landscape", cover=Box(width=1200, height=630), gravity="smart"),
                ),
            ),
        )
    }
)
"""The recipes that Darkroom brings along, by name."""
