"""Run a step that another package brings along, and confine its faults to the image."""

import traceback
from typing import Any

from PIL import Image
from pydantic import TypeAdapter

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.pixels.colour import expand
from services.worker.imaging.steps.operation import Context, Operation
from shared.documents import FoundValue
from shared.failure_codes import FailureCode
from shared.recipes import MAX_OUTPUT_SIDE, CustomStep
from shared.recipes.custom_steps import custom_steps

MAX_FOUND_BYTES = 4096
"""Of JSON that the custom steps of a recipe tell about one image, together."""

_FOUND: TypeAdapter[FoundValue] = TypeAdapter(FoundValue)
_ALL_FOUND: TypeAdapter[dict[str, FoundValue]] = TypeAdapter(dict[str, FoundValue])


class _UselessAnswerError(Exception):
    """The step gave back what it must not."""


def _apply(image: Image.Image, step: CustomStep, context: Context) -> Image.Image:
    own = custom_steps().get(step.op)
    if own is None:
        raise ImageRejected.because(
            FailureCode.STEP_FAILED, f"The recipe's step “{step.op}” is not installed on this worker."
        )
    try:
        parameters = dict(own.model.model_validate(step.model_dump()))
        del parameters["op"]
        # A copy, for a step that only tells something may have drawn on it all the same.
        return _used(own.function(image.copy(), **parameters), image, step.op, context)
    except MemoryError:
        raise
    except Exception as error:
        rejected = ImageRejected.because(
            FailureCode.STEP_FAILED, f"The recipe's step “{step.op}” failed on this image: {error}"[:400] + "."
        )
        rejected.add_note(traceback.format_exc())
        raise rejected from error


def _used(answer: Any, image: Image.Image, name: str, context: Context) -> Image.Image:
    """Go on with the image that the step gave, or note what it found and go on with the one that it got."""
    if not isinstance(answer, Image.Image):
        context.found[name] = _FOUND.validate_python(answer)
        if len(_ALL_FOUND.dump_json(context.found)) > MAX_FOUND_BYTES:
            raise _UselessAnswerError(f"it told more than {MAX_FOUND_BYTES} bytes")
        return image
    if max(answer.size) > MAX_OUTPUT_SIDE or not 0 < answer.width * answer.height <= context.max_pixels:
        raise _UselessAnswerError(f"it made an image of {answer.width} x {answer.height} pixels")
    changed = expand(answer)
    return changed.convert("RGB") if changed.mode == "CMYK" else changed


# Its size is not known before, and one that reads text needs every pixel.
OPERATION = Operation(_apply, is_foreseen=False)
