"""What is wrong with a recipe as a sentence, in Korean and in English."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from shared.recipes.problems import RecipeProblem
from shared.translated import Language, Translated

_WHOLE_NUMBER = Translated("정수여야 합니다", "has to be a whole number")
_NUMBER = Translated("숫자여야 합니다", "has to be a number")
_YES_OR_NO = Translated("true 또는 false여야 합니다", "has to be true or false")
_LIST = Translated("목록이어야 합니다", "has to be a list")
_OBJECT = Translated("객체여야 합니다", "has to be an object")

_SENTENCES: Mapping[str, Translated] = MappingProxyType(
    {
        "missing": Translated("값이 없습니다", "is missing"),
        "extra_forbidden": Translated("그런 필드는 없습니다", "there is no such field"),
        "greater_than_equal": Translated("{ge} 이상이어야 합니다", "has to be at least {ge}"),
        "greater_than": Translated("{gt}보다 커야 합니다", "has to be more than {gt}"),
        "less_than_equal": Translated("{le} 이하여야 합니다", "has to be at most {le}"),
        "less_than": Translated("{lt}보다 작아야 합니다", "has to be less than {lt}"),
        "string_pattern_mismatch": Translated("{pattern} 형식이어야 합니다", "has to look like {pattern}"),
        "literal_error": Translated("다음 중 하나여야 합니다: {expected}", "has to be one of: {expected}"),
        "union_tag_invalid": Translated(
            "{discriminator}에 “{tag}”은(는) 쓸 수 없습니다. 다음 중 하나여야 합니다: {expected_tags}",
            "{discriminator} cannot be “{tag}”; it has to be one of: {expected_tags}",
        ),
        "union_tag_not_found": Translated(
            "{discriminator} 값이 없습니다", "{discriminator} is missing, which says what it is"
        ),
        "too_long": Translated("{max_length}개까지 쓸 수 있습니다", "takes at most {max_length}"),
        "too_short": Translated("{min_length}개 이상이어야 합니다", "needs at least {min_length}"),
        "string_too_long": Translated("{max_length}자 이하여야 합니다", "takes at most {max_length} characters"),
        "string_too_short": Translated("{min_length}자 이상이어야 합니다", "needs at least {min_length} characters"),
        "string_type": Translated("문자열이어야 합니다", "has to be text"),
        "int_type": _WHOLE_NUMBER,
        "int_parsing": _WHOLE_NUMBER,
        "int_from_float": _WHOLE_NUMBER,
        "float_type": _NUMBER,
        "float_parsing": _NUMBER,
        "finite_number": _NUMBER,
        "bool_type": _YES_OR_NO,
        "bool_parsing": _YES_OR_NO,
        "tuple_type": _LIST,
        "list_type": _LIST,
        "model_type": _OBJECT,
        "model_attributes_type": _OBJECT,
        "dict_type": _OBJECT,
        "json_invalid": Translated("JSON으로 읽을 수 없습니다({error})", "it cannot be read as JSON ({error})"),
    }
)
RULES_IN_KOREAN: Mapping[str, str] = MappingProxyType(
    {
        "give either fit or cover": "fit과 cover 중 하나만 쓸 수 있습니다",
        "give either box or aspect": "box와 aspect 중 하나만 써 주세요",
        "give both left and top, or neither": "left와 top은 함께 쓰거나 둘 다 빼 주세요",
        "left and top go with box": "left와 top은 box와 함께 써야 합니다",
        "each output needs a name of its own": "출력마다 이름이 달라야 합니다",
        "this is not a PNG in Base64": "Base64로 쓴 PNG 파일이 아닙니다",
        "the PNG has more than 4 megapixels": "PNG가 400만 화소를 넘습니다",
        "auto_orient can only be the first step": "auto_orient는 첫 번째 단계로만 쓸 수 있습니다",
    }
)
"""Every rule that recipes have beyond the types of their fields, as the models say it, with its Korean."""

_PART_NAMES: Mapping[str, Translated] = MappingProxyType(
    {"steps": Translated("단계", "step"), "outputs": Translated("출력", "output")}
)


def problem_sentence(problem: RecipeProblem) -> Translated:
    """The mistake, beginning with its step or output and its field."""
    return Translated(
        korean=_joined("의 ".join(filter(None, (_part(problem, "ko"), problem.field))), _what(problem, "ko")),
        english=_joined(
            ", ".join(filter(None, (_part(problem, "en"), problem.field and f"field {problem.field}"))),
            _what(problem, "en"),
        ),
    )


def field_sentence(problem: RecipeProblem) -> Translated:
    """The mistake alone, for one who sees where it is."""
    return Translated(korean=_joined("", _what(problem, "ko")), english=_joined("", _what(problem, "en")))


def _part(problem: RecipeProblem, language: Language) -> str:
    if not problem.part:
        return ""
    name = _PART_NAMES[problem.part].in_language(language)
    if language == "ko":
        return f"{problem.number}번째 {name}" + (f"({problem.kind})" if problem.kind else "")
    return f"{name} {problem.number}" + (f" ({problem.kind})" if problem.kind else "")


def _what(problem: RecipeProblem, language: Language) -> str:
    known = _SENTENCES.get(problem.type)
    if known:
        return known.in_language(language, _in_korean(problem.values) if language == "ko" else problem.values)
    # Types that pydantic may add, and rules of other packages' steps, are said as they say it.
    return RULES_IN_KOREAN.get(problem.message, problem.message) if language == "ko" else problem.message


def _in_korean(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say lists of words as Korean does: the schema joins the last with `or`."""
    return {**values, "expected": str(values.get("expected", "")).replace(" or ", ", ")}


def _joined(where: str, what: str) -> str:
    return f"{where}: {what}." if where else f"{what}."
