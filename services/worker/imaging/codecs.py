"""What images are decoded and encoded with."""

from PIL import __version__ as pillow_version
from PIL import features

_LIBRARIES = {
    "libjpeg": ("libjpeg_turbo", "jpg"),
    "zlib": ("zlib",),
    "libwebp": ("webp",),
    "libavif": ("avif",),
    "FreeType": ("freetype2",),
    "LittleCMS": ("littlecms2",),
}
"""Each library by the names that Pillow knows it by, the more exact one first."""


def codec_versions() -> dict[str, str]:
    """Pillow and its libraries with their versions; "missing" for one that it was built without."""
    versions = {"Pillow": pillow_version}
    for library, names in _LIBRARIES.items():
        versions[library] = next((str(found) for name in names if (found := features.version(name))), "missing")
    return versions
