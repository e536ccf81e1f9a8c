"""What was learnt of the images of one recipe."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationError

from shared.costs import TABLE_NUMBER, CostPredictor, CostRow, MeasuredImage
from shared.documents.document import Document
from shared.recipes import Recipe

COST_MODELS_KEPT_SECONDS = 90 * 24 * 3600
"""Of a recipe that nobody has used for so long, the shipped table knows enough."""


def _readable(rows: Any) -> Any:
    """Leave out what cannot be read: a model that was spoilt is learnt again, and stops no batch."""
    return {name: row for name, row in dict(rows).items() if _is_readable(row)}


def _is_readable(row: Any) -> bool:
    try:
        CostRow.model_validate(row)
    except ValidationError:
        return False
    return True


class CostModel(Document):
    """Rows by image format for one recipe, whose key is the id; each change is pure."""

    id: str
    version: int = 0
    table: int = TABLE_NUMBER
    """What was learnt are factors of the figures in this table."""
    rows: Annotated[Mapping[str, CostRow], BeforeValidator(_readable)] = Field(default_factory=dict)
    learnt_at: datetime | None = None

    def predictor(self, recipe: Recipe) -> CostPredictor:
        """Predicts costs by that recipe, which has to be the model's."""
        return CostPredictor(recipe, self.rows if self.table == TABLE_NUMBER else None)

    def learnt(self, recipe: Recipe, images: Iterable[MeasuredImage], now: datetime) -> Self:
        """This model after some more images of its recipe."""
        rows = dict(self.rows) if self.table == TABLE_NUMBER else {}
        predictor = CostPredictor(recipe)
        for facts, cost_ms in images:
            row = rows.get(facts.supposed_format, CostRow())
            rows[facts.supposed_format] = row.learnt(predictor.parts(facts), cost_ms)
        return self.model_copy(update={"rows": rows, "table": TABLE_NUMBER, "learnt_at": now})
