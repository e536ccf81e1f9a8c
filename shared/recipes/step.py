"""Any step of a recipe: one of Darkroom's own, or one that another package brings along."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from shared.recipes.custom_steps import CustomStep, custom_steps
from shared.recipes.steps import BUILT_IN_NAMES, BuiltInStep
from shared.recipes.values import STORED


class _CustomStepsToo:
    """Adds custom steps to the union of built-in ones, when a recipe is read and in its schema."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        built_in = handler.generate_schema(BuiltInStep)
        dumping = core_schema.wrap_serializer_function_ser_schema(_dump, info_arg=True, schema=built_in)
        return core_schema.with_info_wrap_validator_function(_read, built_in, serialization=dumping)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(schema)
        own = [handler(step.model.__pydantic_core_schema__) for step in custom_steps().values()]
        # A discriminator could only point to schemas that have a name of their own, which these have not.
        return {"oneOf": [*described["oneOf"], *own]} if own else described


def _read(value: Any, built_in: core_schema.ValidatorFunctionWrapHandler, info: core_schema.ValidationInfo) -> Any:
    if isinstance(value, CustomStep):
        return value
    name = value.get("op") if isinstance(value, Mapping) else None
    if info.context is STORED and isinstance(name, str) and name not in BUILT_IN_NAMES:
        return CustomStep.model_validate(value)
    if isinstance(name, str) and name in custom_steps():
        return _checked(name, value)
    return built_in(value)


def _checked(name: str, value: Mapping[str, Any]) -> CustomStep:
    """Give a custom step with all its parameters, those at their default too: a package may change them later."""
    try:
        step = custom_steps()[name].model.model_validate(value)
    except ValidationError as error:
        # The step's name belongs to the place of a mistake, as with built-in steps.
        lines = [
            InitErrorDetails(type=_type(line), loc=(name, *line["loc"]), input=line["input"], ctx=line.get("ctx", {}))
            for line in error.errors()
        ]
        raise ValidationError.from_exception_data(name, lines) from None
    return CustomStep.model_validate(step.model_dump(mode="json"))


def _type(line: ErrorDetails) -> str | PydanticCustomError:
    """Give a mistake's type as pydantic knows it; of those that a package has made up itself, what it says."""
    if line["type"] in get_args(core_schema.ErrorType):
        return line["type"]
    return PydanticCustomError("custom_step", "{reason}", {"reason": line["msg"]})


def _dump(
    value: Any, built_in: core_schema.SerializerFunctionWrapHandler, info: core_schema.SerializationInfo[Any]
) -> Any:
    return value.model_dump(mode=info.mode) if isinstance(value, CustomStep) else built_in(value)


Step = Annotated[BuiltInStep | CustomStep, _CustomStepsToo]
