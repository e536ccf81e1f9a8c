"""Recipes of people's own, from the upload to the prints, on real servers."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageSequence

from tests.e2e.test_upload_to_prints import follow, images, upload
from tests.processes import RunningDarkroom

FRAMES = 5
RECIPE = {
    "steps": [
        {"op": "auto_orient"},
        {"op": "crop", "aspect": "1:1", "gravity": "smart"},
        {"op": "watermark_text", "text": "암실", "opacity": 0.5},
    ],
    "outputs": [
        {"name": "small", "format": "jpeg", "fit": {"width": 120, "height": 120}},
        {"name": "web", "format": "webp", "fit": {"width": 200, "height": 200}},
        {"name": "moving", "format": "gif", "fit": {"width": 64, "height": 64}, "animation": "keep"},
    ],
    "readouts": {"perceptual_hash": True, "colours": 3, "placeholder": True, "quality": True},
}


def animation(folder: Path) -> Path:
    """A GIF of squares that grow."""
    frames = []
    for number in range(FRAMES):
        frame = Image.new("RGB", (160, 120), (20, 60, 90))
        frame.paste((250, 200, 40), (0, 0, 20 + 20 * number, 20 + 20 * number))
        frames.append(frame)
    path = folder / "moving.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0)
    return path


def opened(base_url: str, link: dict[str, Any]) -> Image.Image:
    """A print as it is served."""
    image = Image.open(io.BytesIO(httpx.get(httpx.URL(base_url).join(link["url"])).raise_for_status().content))
    assert image.size == (link["width"], link["height"])
    return image


def prints_of(image: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """An image's prints by output."""
    return {link["output"]: link for link in image["prints"]}


def test_a_recipe_in_the_upload_makes_each_of_its_outputs(
    services: RunningDarkroom, photographs: list[Path], tmp_path: Path
) -> None:
    """Several formats from one decode, an animation that still moves, and what was read of each original."""
    twice = tmp_path / "twice.jpg"
    twice.write_bytes(photographs[0].read_bytes())
    files = [*photographs[:4], twice, animation(tmp_path)]
    (tmp_path / "recipe.json").write_text(json.dumps(RECIPE))

    batch_id = upload(services.base_url, files, f"options=<{tmp_path / 'recipe.json'}")["context_id"]

    assert follow(services.base_url, batch_id)[-1]["status"] == "SUCCESS", services.logs()
    listed = images(services.base_url, batch_id)
    for image in listed:
        made = prints_of(image)
        assert set(made) == {"small", "web", "moving"}
        for output, media_type, side in (("small", "JPEG", 120), ("web", "WEBP", 200), ("moving", "GIF", 64)):
            print_ = opened(services.base_url, made[output])
            assert print_.format == media_type
            assert print_.width == print_.height <= side
        readings = image["original"]["readings"]
        assert len(readings["dhash64"]) == 16
        assert 1 <= len(readings["colours"]) <= 3
        assert readings["blurhash"]
        assert readings["quality"]
    moving = opened(services.base_url, prints_of(listed[-1])["moving"])
    assert len(list(ImageSequence.Iterator(moving))) == FRAMES
    batch = f"{services.base_url}/pipeline/batch/{batch_id}"
    groups = httpx.get(f"{batch}/near-duplicates").json()["data"]["groups"]
    assert [0, 4] in groups
    with zipfile.ZipFile(io.BytesIO(httpx.get(f"{batch}/archive?output=web").content)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == len(files)
    assert httpx.get(f"{batch}/contact-sheet").text.count("<img") == len(files)


def test_a_stored_recipe_is_used_by_name_and_a_retry_may_take_another(
    services: RunningDarkroom, photographs: list[Path], tmp_path: Path
) -> None:
    """A batch keeps what it was begun with; only its failed image is made by the other recipe, and it fails again."""
    stored = {"outputs": [{"name": "tiny", "format": "png", "fit": {"width": 50, "height": 50}}]}
    recipes = f"{services.base_url}/pipeline/recipes"
    assert httpx.put(f"{recipes}/shop", json=stored).json()["data"]["name"] == "shop"
    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes(photographs[0].read_bytes()[:400])

    batch_id = upload(services.base_url, [photographs[1], damaged], "recipe=shop")["context_id"]

    assert follow(services.base_url, batch_id)[-1]["status"] == "FAILURE", services.logs()
    httpx.delete(f"{recipes}/shop").raise_for_status()
    other = {"options": {"outputs": [{"name": "other", "format": "jpeg"}]}}
    retried = httpx.post(f"{services.base_url}/pipeline/batch/{batch_id}/retry", json=other)
    assert retried.status_code == httpx.codes.OK, retried.text
    last = follow(services.base_url, batch_id)[-1]
    assert (last["status"], last["generation"], last["completed_images"]) == ("FAILURE", 1, 1), services.logs()
    good, bad = images(services.base_url, batch_id)
    assert opened(services.base_url, prints_of(good)["tiny"]).format == "PNG"
    assert (bad["outcome"], bad["code"]) == ("failed", "unreadable")
