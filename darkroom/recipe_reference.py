"""Everything that a recipe may hold, as Markdown, from the recipe's own schema: docs/recipes.md."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from shared.recipes import BUILT_IN_RECIPES, EXAMPLE, MAX_RECIPE_BYTES, Recipe

Schema = Mapping[str, Any]

_INTRODUCTION = f"""# Recipes

<!-- Made by `make docs` from the models in shared/recipes: change those, not this page. -->

A recipe says what becomes of each image: steps in their order, then the outputs, all made from one decode.
Name one in the field `recipe` of an upload or a retry, or send one of your own as JSON (at most {MAX_RECIPE_BYTES}
bytes) in `options`:

```sh
curl -F batch_name=shop -F 'options=<recipe.json' -F files=@a.jpg http://127.0.0.1:8000/pipeline/batch
curl -X PUT -d @recipe.json http://127.0.0.1:8000/pipeline/recipes/shop     # store it; then recipe=shop will do
curl http://127.0.0.1:8000/pipeline/recipes                                 # what there is; DELETE …/shop removes it
curl -X POST -d '{{"recipe": "web-webp"}}' http://127.0.0.1:8000/pipeline/batch/<context_id>/retry
darkroom develop photos --out prints --options recipe.json                  # without a server
```

A batch keeps a copy of its recipe: replacing or deleting a stored one changes nothing that has begun.
A recipe that cannot be used is refused with the code `recipe_invalid`, a sentence that names the step and the field,
and the places in `details` (`loc` counts from 0), with a `sentence` for each mistake.
"""


def recipe_reference() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_example(), *_built_in(), *_parts()])


def _example() -> Iterator[str]:
    yield f"## An example\n\n```json\n{json.dumps(EXAMPLE, ensure_ascii=False, indent=2)}\n```\n"


def _built_in() -> Iterator[str]:
    yield "## Built-in recipes\n\n| recipe | makes |\n|---|---|"
    for recipe in BUILT_IN_RECIPES.values():
        made = ", ".join(f"`{output.name}` ({output.format})" for output in recipe.outputs)
        yield f"| `{recipe.name}` | {made} |"
    yield "\n`darkroom recipes show NAME` prints one to start from.\n"


def _parts() -> Iterator[str]:
    schema = Recipe.model_json_schema()
    parts: dict[str, Schema] = dict(schema["$defs"])
    yield f"## The recipe\n\n{_description(schema)}{_fields(schema)}"
    for field, title, tag in (("steps", "Steps", "op"), ("outputs", "Outputs", "format")):
        yield f"## {title}\n"
        for choice in schema["properties"][field]["items"]["oneOf"]:
            part = parts.pop(_name(choice)) if "$ref" in choice else choice
            yield f"### `{part['properties'][tag]['const']}`\n\n{_description(part)}{_fields(part, tag)}"
    yield "## What fields hold\n"
    for name, part in parts.items():
        yield f"### {name}\n\n{_description(part)}{_fields(part)}"


def _fields(part: Schema, tag: str = "") -> str:
    rows = [_row(name, field, part) for name, field in part["properties"].items() if name != tag]
    if not rows:
        return "It has no fields.\n"
    return "\n".join(["| field | value | default | |", "|---|---|---|---|", *rows, ""])


def _row(name: str, field: Schema, part: Schema) -> str:
    default = "required" if name in part.get("required", ()) else _default(field.get("default"))
    description = " ".join(field.get("description", "").split())
    cells = (f"`{name}`", _values(field), default, description)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(value: Any) -> str:
    return "" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def _values(field: Schema) -> str:
    """What a field takes, in words."""
    if "$ref" in field:
        return f"[{_name(field)}](#{_name(field).lower()})"
    if "anyOf" in field:
        return " or ".join(_values(choice) for choice in field["anyOf"] if choice.get("type") != "null")
    if "enum" in field:
        return ", ".join(f"`{choice}`" for choice in field["enum"])
    if field.get("type") == "array":
        items = field.get("items", {})
        what = _values(items) if "oneOf" not in items else "see below"
        return f"list, {what}{_limits(field, 'minItems', 'maxItems', '')}"
    return _simple(field)


def _simple(field: Schema) -> str:
    match field.get("type"):
        case "integer":
            return f"whole number{_limits(field, 'minimum', 'maximum', '')}"
        case "number":
            return f"number{_limits(field, 'minimum', 'maximum', '')}"
        case "boolean":
            return "`true` or `false`"
        case _ if "pattern" in field:
            return f"text like `{field['pattern']}`"
        case _:
            return f"text{_limits(field, 'minLength', 'maxLength', ' characters')}"


def _limits(field: Schema, lowest: str, highest: str, unit: str) -> str:
    said = [f"at least {field[lowest]:,}"] if lowest in field else []
    if "exclusiveMinimum" in field:
        said.append(f"more than {field['exclusiveMinimum']:,}")
    said.append(f"at most {field[highest]:,}")  # whatever a recipe holds is bounded
    return f", {' and '.join(said)}{unit}"


def _description(part: Schema) -> str:
    return f"{part['description']}\n\n" if part.get("description") else ""


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
