"""What runs in the child: develop an image and look whether its prints are what they say."""

import io

from PIL import Image

from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import Original
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import Recipe

GOOD = "good"
WRONG = "wrong"

_FAULTS_OF_OURS = frozenset({"crashed", "out_of_memory", "timeout"})


def develop_and_judge(original: Original, recipe: Recipe, limits: ImageLimits) -> tuple[str, str]:
    """Give `good`, the code of a rejection, or `wrong`; and beside it what a person would want to know."""
    try:
        developed = develop_image(original, recipe, limits)
    except ImageRejected as rejected:
        return _rejection(rejected)
    problem = _problem(developed, recipe)
    return (WRONG, problem) if problem else (GOOD, "")


def _rejection(rejected: ImageRejected) -> tuple[str, str]:
    if not rejected.message.endswith("."):
        return WRONG, f"no sentence: {rejected.message!r}"
    detail = "".join(rejected.__notes__) if rejected.code in _FAULTS_OF_OURS and hasattr(rejected, "__notes__") else ""
    return rejected.code, detail or rejected.message


def _problem(developed: DevelopedImage, recipe: Recipe) -> str:
    if [made.output for made in developed.outputs] != [output.name for output in recipe.outputs]:
        return f"prints {[made.output for made in developed.outputs]}"
    for made in developed.outputs:
        with Image.open(io.BytesIO(made.data)) as opened:
            opened.load()
            told = (f"image/{str(opened.format).lower()}", opened.width, opened.height)
        if told != (made.media_type, made.width, made.height):
            return f"{made.output} says {(made.media_type, made.width, made.height)} and is {told}"
    return ""
