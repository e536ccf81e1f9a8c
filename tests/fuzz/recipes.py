"""Recipes that lead damaged files through every step and every encoder."""

from shared.recipes import (
    BUILT_IN_RECIPES,
    AvifOutput,
    Box,
    GifOutput,
    JpegOutput,
    PngOutput,
    Readouts,
    Recipe,
    WebpOutput,
)
from shared.recipes.steps import (
    Adjust,
    AutoOrient,
    Background,
    Blur,
    Border,
    Crop,
    Grayscale,
    Resize,
    Rotate,
    Sharpen,
)
from shared.recipes.watermarks import TextWatermark

FUZZED_RECIPES = (
    BUILT_IN_RECIPES["web"],
    Recipe(
        name="many-steps",
        steps=(
            AutoOrient(),
            Crop(aspect="4:3", gravity="smart"),
            Resize(mode="cover", width=40, height=30, enlarge=True),
            Rotate(angle=30, background="#00ff0080"),
            Adjust(brightness=1.2, contrast=0.8, saturation=1.5),
            Sharpen(),
            Blur(radius=1),
            TextWatermark(text="fuzz"),
            Border(width=2),
            Background(),
        ),
        outputs=(JpegOutput(name="j", progressive=True), WebpOutput(name="w", effort=0)),
    ),
    Recipe(
        name="every-format",
        steps=(Grayscale(),),
        outputs=(
            PngOutput(name="whole", fit=Box(width=400, height=400)),
            WebpOutput(name="w", lossless=True, effort=0, fit=Box(width=64, height=64)),
            AvifOutput(name="a", speed=10, cover=Box(width=32, height=16)),
            JpegOutput(name="j", fit=Box(width=9, height=9)),
        ),
        metadata="copyright",
    ),
    Recipe(
        name="moving",
        steps=(AutoOrient(), Resize(width=30, height=30)),
        outputs=(
            WebpOutput(name="w", effort=0, animation="keep"),
            GifOutput(name="g", animation="keep", cover=Box(width=20, height=16)),
            JpegOutput(name="j"),
        ),
        readouts=Readouts(**dict.fromkeys(Readouts.model_fields, True)),
        metadata="copyright",
    ),
)
