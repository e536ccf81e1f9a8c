"""What is installed, for a report of a fault."""

from importlib.metadata import version

from services.worker.imaging.codecs import codec_versions


def version_text() -> str:
    """The versions of Darkroom, of Pillow and of what it decodes and encodes with."""
    return (
        f"darkroom {version('darkroom')} ({', '.join(f'{name} {number}' for name, number in codec_versions().items())})"
    )
