"""Animations that stand still for longer than their format can say."""

import pytest
from PIL import Image

from services.worker.imaging.animation_encoding import encode_animation
from services.worker.imaging.animations import Timing
from services.worker.imaging.failures import ImageRejected
from shared.recipes import GifOutput


def test_equal_frames_that_are_too_long_together_end_by_name() -> None:
    """Pillow adds their times up, and then cannot write the sum into a GIF."""
    frames = [Image.new("RGB", (8, 8), "red") for _ in range(3)]
    with pytest.raises(ImageRejected) as rejected:
        encode_animation(frames, Timing((600_000,) * 3, 0), GifOutput(name="g", animation="keep"))
    assert rejected.value.code == "unreadable"
