"""Two workers give the same original the same prints, byte by byte: one that is developed twice overwrites itself."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]

PRINTS_TO_DIGESTS = """
import hashlib

from services.worker.imaging.developing import develop_image
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.image_bytes import ImageBytes
from tests.fuzz.recipes import FUZZED_RECIPES
from tests.fuzz.seeds import seed_files

for name, files in seed_files().items():
    for recipe in FUZZED_RECIPES:
        for made in develop_image(ImageBytes(files[-1]), recipe, ImageLimits()).outputs:
            print(name, recipe.name, made.output, hashlib.sha256(made.data).hexdigest())
"""


def test_another_process_gives_the_same_bytes() -> None:
    """By every step and encoder; the order of sets, which hangs on each process's own seed, plays no part in it."""
    digests = []
    for seed in ("1", "2"):
        command = [sys.executable, "-c", PRINTS_TO_DIGESTS]
        ended = subprocess.run(
            command, env={"PYTHONHASHSEED": seed}, cwd=ROOT, capture_output=True, text=True, check=True
        )
        digests.append(ended.stdout.splitlines())
    assert digests[0] == digests[1]
    assert len(digests[0]) == 55
    assert len({line.split()[-1] for line in digests[0]}) > 40
