"""Error codes of requests about recipes."""

from http import HTTPStatus

from services.gateway.answers.errors import ErrorCode


class RecipeCode(ErrorCode):
    """Why a recipe cannot be used, found, stored or deleted."""

    RECIPE_UNKNOWN = (
        "recipe_unknown",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "그런 이름의 레시피가 없습니다. 다음 중 하나를 쓰세요: {choices}.",
        "There is no recipe of that name. Use one of: {choices}.",
    )
    RECIPE_AND_OPTIONS = (
        "recipe_and_options",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "recipe와 options를 함께 쓸 수 없습니다. 저장된 레시피는 recipe로, 직접 쓴 레시피는 options로 보내 주세요.",
        "recipe and options cannot go together. Name a recipe in recipe, or send one of your own in options.",
    )
    RECIPE_INVALID = (
        "recipe_invalid",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "레시피를 쓸 수 없습니다. {problem}",
        "The recipe cannot be used: {problem}",
    )
    RECIPE_NOT_FOUND = (
        "recipe_not_found",
        HTTPStatus.NOT_FOUND,
        "그런 이름의 레시피가 없습니다. 이름은 GET /pipeline/recipes에서 볼 수 있습니다.",
        "There is no recipe of that name. GET /pipeline/recipes lists the names.",
    )
    RECIPE_BUILT_IN = (
        "recipe_built_in",
        HTTPStatus.CONFLICT,
        "기본 레시피는 바꾸거나 지울 수 없습니다. 다른 이름으로 저장해 주세요.",
        "A built-in recipe cannot be changed or deleted. Store yours under another name.",
    )
    RECIPE_NAME_RESERVED = (
        "recipe_name_reserved",
        HTTPStatus.CONFLICT,
        "{name}은(는) 레시피 이름으로 쓸 수 없습니다. 다른 이름으로 저장해 주세요.",
        "{name} cannot be the name of a recipe. Store yours under another name.",
    )
    RECIPE_CHANGED = (
        "recipe_changed",
        HTTPStatus.PRECONDITION_FAILED,
        "읽은 다음에 다른 사람이 이 레시피를 바꾸거나 지웠습니다. 다시 읽고 고쳐서 저장해 주세요.",
        "Someone has changed or deleted this recipe since it was read. Read it again, make your changes, and store it.",
    )
    TOO_MANY_RECIPES = (
        "too_many_recipes",
        HTTPStatus.CONFLICT,
        "레시피는 {limit}개까지 저장할 수 있습니다. 쓰지 않는 것을 지워 주세요.",
        "At most {limit} recipes can be stored. Delete one that is not used.",
    )


CHOICE_ERRORS = (RecipeCode.RECIPE_UNKNOWN, RecipeCode.RECIPE_AND_OPTIONS, RecipeCode.RECIPE_INVALID)
"""Why a request cannot have the recipe that it asks for."""
