"""A step that changes an image."""

from typing import Annotated

from PIL import Image, ImageChops
from pydantic import Field


def vignette(
    image: Image.Image,
    *,
    strength: Annotated[float, Field(ge=0, le=1, description="How dark the corners become; 1 is black.")] = 0.5,
) -> Image.Image:
    """Darken the image towards its corners."""
    distance = Image.radial_gradient("L").resize(image.size, Image.Resampling.BILINEAR)
    light = distance.point([round(255 * (1 - strength * (value / 255) ** 2)) for value in range(256)])
    *colours, last = image.split()
    # Transparency, the last of two or four channels, stays as it is.
    kept = [last] if image.mode in {"LA", "RGBA"} else []
    shaded = [ImageChops.multiply(colour, light) for colour in (colours if kept else [*colours, last])]
    return Image.merge(image.mode, [*shaded, *kept])
