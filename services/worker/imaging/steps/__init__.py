"""A recipe's steps on pixels: one module for each, found here by its model in shared.recipes."""

from collections.abc import Mapping
from types import MappingProxyType

from services.worker.imaging.steps import (
    adjust,
    auto_orient,
    background,
    blur,
    border,
    crop,
    custom_step,
    flip,
    grayscale,
    resize,
    rotate,
    sharpen,
    watermark_image,
    watermark_text,
)
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes import (
    Adjust,
    AutoOrient,
    Background,
    Blur,
    Border,
    Crop,
    CustomStep,
    Flip,
    Grayscale,
    ImageWatermark,
    RecipePart,
    Resize,
    Rotate,
    Sharpen,
    TextWatermark,
)

__all__ = ["Context", "Operation", "operation_of"]

_OPERATIONS: Mapping[type[RecipePart], Operation] = MappingProxyType(
    {
        Adjust: adjust.OPERATION,
        AutoOrient: auto_orient.OPERATION,
        Background: background.OPERATION,
        Blur: blur.OPERATION,
        Border: border.OPERATION,
        Crop: crop.OPERATION,
        Flip: flip.OPERATION,
        Grayscale: grayscale.OPERATION,
        ImageWatermark: watermark_image.OPERATION,
        CustomStep: custom_step.OPERATION,
        Resize: resize.OPERATION,
        Rotate: rotate.OPERATION,
        Sharpen: sharpen.OPERATION,
        TextWatermark: watermark_text.OPERATION,
    }
)


def operation_of(step: RecipePart) -> Operation:
    """Give what a step does."""
    return _OPERATIONS[type(step)]
