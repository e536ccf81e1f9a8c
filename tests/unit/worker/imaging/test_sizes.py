import pytest
from PIL import Image, ImageChops

from services.worker.imaging import sizes
from services.worker.imaging.sizes import covered_size, covering_size, fitted_size, resample
from shared.recipes import Box


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((4000, 3000), (1600, 1200)),
        ((3000, 4000), (1200, 1600)),
        ((800, 600), (800, 600)),
        ((30_000, 10), (1600, 1)),
        ((1601, 1), (1600, 1)),
    ],
)
def test_fitting_keeps_proportions_and_never_enlarges(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    """Both sides stay at least one pixel."""
    assert fitted_size(size, Box(width=1600, height=1600)) == fitted


@pytest.mark.parametrize(
    ("size", "covering", "covered"),
    [
        ((4000, 3000), (533, 400), (400, 400)),
        ((3000, 4000), (400, 533), (400, 400)),
        ((400, 400), (400, 400), (400, 400)),
        ((800, 200), (800, 200), (200, 200)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_covering_fills_the_box_or_keeps_its_proportions(
    size: tuple[int, int], covering: tuple[int, int], covered: tuple[int, int]
) -> None:
    """An image that is too small is not enlarged, but cut to the box's proportions all the same."""
    box = Box(width=400, height=400)
    assert covering_size(size, box) == covering
    assert covered_size(size, box) == covered


def test_an_image_of_the_right_size_is_left_alone() -> None:
    """Resampling it again would only blur it."""
    image = Image.new("RGB", (3, 2))
    assert resample(image, (3, 2)) is image


def test_shrinking_takes_every_pixel_into_account() -> None:
    """Nearest neighbour would keep some of the stripes and lose the others."""
    stripes = Image.frombytes("L", (2, 100), b"\0\0\xff\xff" * 50)
    assert all(100 < grey < 155 for grey in resample(stripes, (2, 10)).tobytes())


def test_only_the_region_is_shrunk() -> None:
    """Scaled decoding pads the last column and row."""
    padded = Image.new("L", (12, 8), 255)
    padded.paste(0, (0, 0, 8, 8))
    # LANCZOS looks a little beyond the region's edge; without a region the last column is all padding.
    assert resample(padded, (4, 4), (0, 0, 8, 8)).tobytes()[3] < 40
    assert resample(padded, (4, 4)).tobytes()[3] > 200


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "LA", "RGBA"])
@pytest.mark.parametrize("size", [(300, 450), (317, 221), (600, 700), (150, 130), (100, 80)])
def test_a_large_image_resampled_in_strips_is_the_same(
    mode: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for a rounding: Pillow may go down before it goes across; the profile stays with it."""
    image = Image.effect_noise((600, 700), 20).convert(mode)
    image.info["icc_profile"] = b"profile"
    region = (0.0, 0.0, 599.5, 699.25)
    whole = resample(image, size, region)
    monkeypatch.setattr(sizes, "_MAX_BETWEEN_BYTES", 100_000)
    monkeypatch.setattr(sizes, "_STRIP_BYTES", 100_000)
    strips = resample(image, size, region)
    assert strips.mode == mode
    assert strips.info == whole.info
    assert max(highest for _, highest in _extrema(ImageChops.difference(strips, whole))) <= 2


def _extrema(image: Image.Image) -> list[tuple[float, float]]:
    return [band.getextrema() for band in image.split()]  # type: ignore[misc] # of one band, one pair
