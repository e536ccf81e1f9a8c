"""What runs in the child: develop an image and look whether its prints are what they say."""

import io

from PIL import Image

from services.worker.children.protocol import Rejected
from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.failure_codes import FailureCode
from shared.recipes import Recipe

GOOD = "good"
WRONG = "wrong"

_FAULTS_OF_OURS = frozenset({"crashed", "out_of_memory", "timeout"})


def develop_and_judge(original: ImageBytes, recipe: Recipe, limits: ImageLimits) -> tuple[str, str]:
    """Give `good`, the code of a rejection, or `wrong`; and beside it what a person would want to know."""
    try:
        return verdict(develop_checked(original, recipe, limits))
    except ImageRejected as rejected:
        return verdict(Rejected.of(rejected, 1))


def develop_checked(original: ImageBytes, recipe: Recipe, limits: ImageLimits) -> DevelopedImage:
    """Develop an image in a child; reject it as `wrong` if its prints are not what they say."""
    developed = develop_image(original, recipe, limits)
    problem = _problem(developed, recipe)
    if problem:
        raise ImageRejected(FailureCode.CRASHED, f"{WRONG}: {problem}")
    return developed


def verdict(answer: DevelopedImage | Rejected) -> tuple[str, str]:
    """Judge what became of an image."""
    if isinstance(answer, DevelopedImage):
        return GOOD, ""
    if answer.message.startswith(f"{WRONG}: "):
        return WRONG, answer.message
    if not answer.message.endswith("."):
        return WRONG, f"no sentence: {answer.message!r}"
    detail = answer.traceback if answer.code in _FAULTS_OF_OURS else ""
    return answer.code, detail or answer.message


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
