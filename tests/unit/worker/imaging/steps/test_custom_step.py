"""Steps of other packages in this process; tests/integration/worker has them in a real child."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from services.worker.imaging.steps import Context, operation_of
from shared.recipes import CustomStep, PngOutput, Recipe
from shared.recipes.custom_steps import custom_steps
from tests.custom_steps import HERE, install


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    install(tmp_path, monkeypatch, HERE)
    yield
    monkeypatch.undo()
    custom_steps.cache_clear()


def applied(name: str, context: Context | None = None, mode: str = "RGB", **parameters: object) -> Image.Image:
    """What the step makes of an image of 40 by 30 pixels."""
    step = CustomStep.model_validate({"op": name, **parameters})
    return operation_of(step).apply(Image.new(mode, (40, 30)), step, context or Context())


def test_a_step_makes_an_image_of_an_image() -> None:
    """With its parameters; inks become colours, as all further steps work on those."""
    assert applied("halved").size == (20, 15)
    assert applied("halved", times=2).size == (10, 7)
    assert applied("halved", mode="CMYK").mode == "RGB"


def test_a_step_that_only_tells_changes_nothing() -> None:
    """Although it draws on what it is given."""
    context = Context()
    image = applied("told", context, shade=255)
    assert context.found == {"told": {"width": 40, "sizes": (40, 30), "none": None}}
    assert image.getextrema() == ((0, 0), (0, 0), (0, 0))


@pytest.mark.parametrize("name", ["raising", "telling_much", "telling_the_unspeakable", "huge", "not_installed"])
def test_a_step_that_fails_fails_the_image_by_its_own_name(name: str) -> None:
    """Whichever way it fails."""
    with pytest.raises(ImageRejected) as rejected:
        applied(name)
    assert rejected.value.code == "step_failed"
    assert name in rejected.value.message


def test_a_step_makes_no_more_pixels_than_any_other() -> None:
    """The worker's setting bounds what other packages make as well."""
    recipe = Recipe(steps=(CustomStep.model_validate({"op": "grown"}),), outputs=(PngOutput(name="print"),))
    original = io.BytesIO()
    Image.new("RGB", (40, 30)).save(original, "PNG")

    def grown(limits: ImageLimits) -> DevelopedImage:
        return develop_image(ImageBytes(original.getvalue()), recipe, limits)

    assert grown(ImageLimits(max_decoded_pixels=4 * 40 * 30)).outputs[0].width == 80
    with pytest.raises(ImageRejected, match="80 x 60 pixels") as rejected:
        grown(ImageLimits(max_decoded_pixels=4 * 40 * 30 - 1))
    assert rejected.value.code == "step_failed"


def test_wrong_parameters_fail_the_image() -> None:
    """They were right for the release of the step that checked the recipe."""
    with pytest.raises(ImageRejected) as rejected:
        applied("halved", times=9)
    assert rejected.value.code == "step_failed"


def test_a_lack_of_memory_is_not_the_steps_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child tells of it as it does everywhere."""

    def lacks_memory(_image: Image.Image) -> Image.Image:
        raise MemoryError

    monkeypatch.setattr("services.worker.imaging.steps.custom_step._used", lambda *_: lacks_memory(_[0]))
    with pytest.raises(MemoryError):
        applied("halved")
