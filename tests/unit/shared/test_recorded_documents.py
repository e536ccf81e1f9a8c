import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from shared.documents import (
    Append,
    Batch,
    BatchFacts,
    Certainty,
    Chunk,
    CostModel,
    Draft,
    ManifestPage,
    StoredRecipe,
    WorkerRecord,
    WorkPeriod,
)
from shared.recipes import Recipe
from tests.recorded.reading import holds

RECORDED = sorted((Path(__file__).parents[2] / "recorded" / "documents").glob("*.json"))
MODELS: dict[str, type[BaseModel]] = {
    "append": Append,
    "batch": Batch,
    "certainty": Certainty,
    "chunk": Chunk,
    "cost": CostModel,
    "draft": Draft,
    "facts": BatchFacts,
    "manifest": ManifestPage,
    "recipe": StoredRecipe,
    "work": WorkPeriod,
    "worker": WorkerRecord,
}


def model_of(file: Path) -> type[BaseModel]:
    """The model of a recorded document, by the first word of its file's name."""
    return MODELS[file.stem.split("-")[0]]


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_a_recorded_document_is_read_and_written_with_all_that_it_holds(file: Path) -> None:
    """Nothing is lost when this version changes it, and the version that wrote it still reads it afterwards."""
    old: dict[str, Any] = json.loads(file.read_text())
    document = model_of(file).model_validate(old)
    assert getattr(document, "id", old.get("_id")) == old.pop("_id", getattr(document, "id", None))
    assert holds(document.model_dump(mode="json"), old) == []


def test_there_is_a_recording_of_every_document() -> None:
    """So that a field that is renamed in any of them is noticed."""
    assert {model_of(file) for file in RECORDED} == set(MODELS.values())


def test_a_recorded_recipe_uses_every_step_and_every_format() -> None:
    """A step that is renamed, or loses a field, would keep batches in flight from being read."""
    recorded = json.loads(next(file for file in RECORDED if file.stem == "recipe").read_text())["recipe"]
    definitions = Recipe.model_json_schema()["$defs"]
    kinds: dict[str, set[str]] = {"op": set(), "format": set()}
    for definition in definitions.values():
        for kind, names in kinds.items():
            if "const" in (field := definition.get("properties", {}).get(kind, {})):
                names.add(field["const"])
    assert {step["op"] for step in recorded["steps"]} == kinds["op"]
    assert {output["format"] for output in recorded["outputs"]} == kinds["format"]
