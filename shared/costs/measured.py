"""What an image really cost, beside what was known of it."""

import hashlib
from typing import NamedTuple

from shared.costs.facts import ImageFacts
from shared.recipes import Recipe


class MeasuredImage(NamedTuple):
    """An image that was developed, and the processor time that its child spent on it."""

    facts: ImageFacts
    cost_ms: int


def recipe_key(recipe: Recipe) -> str:
    """Tells what recipes do from one another: by whatever name, the same work has the same key."""
    text = recipe.model_dump_json(exclude={"name"})
    return hashlib.sha256(text.encode()).hexdigest()[:32]
