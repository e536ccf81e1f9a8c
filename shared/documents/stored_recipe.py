"""Recipes that people keep under a name."""

from datetime import datetime

from shared.documents.document import Document
from shared.recipes import RecordedRecipe


class StoredRecipe(Document):
    """A recipe that can be asked for by its name. Batches hold copies, so that it may change or go at any time."""

    recipe: RecordedRecipe
    saved_at: datetime

    @property
    def name(self) -> str:
        """What it is stored under."""
        return self.recipe.name
