"""Why an image failed, in Korean, by the worker's stable code; the worker's own sentences are English."""

from collections.abc import Mapping
from types import MappingProxyType

from services.gateway.language import Language

_IMAGE_FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "empty_file": "파일이 비어 있습니다.",
        "unreadable": "이미지가 손상되었거나 이미지가 아닙니다. 원본을 확인하고 다시 올려 주세요.",
        "unsupported_format": "지원하지 않는 형식입니다. JPEG, PNG, WebP, GIF 또는 AVIF로 바꾸어 올려 주세요.",
        "too_many_pixels": "이미지의 픽셀 수가 허용된 것보다 많습니다. 크기를 줄여 올려 주세요.",
        "too_many_scans": "JPEG의 스캔 수가 허용된 것보다 많습니다. 다시 저장해서 올려 주세요.",
        "too_many_frames": "애니메이션의 프레임 수가 허용된 것보다 많습니다. 줄이거나 첫 프레임만 현상해 주세요.",
        "out_of_memory": "이 이미지를 현상하는 데 허용된 것보다 많은 메모리가 필요합니다.",
        "timeout": "이 이미지를 현상하는 데 허용된 것보다 오랜 시간이 걸립니다.",
        "crashed": "이 이미지를 처리하다가 디코더가 멈추었습니다.",
        "watermark_unreadable": "레시피의 워터마크 이미지를 읽을 수 없습니다. 다른 레시피로 다시 시도해 주세요.",
        "step_failed": "레시피에 있는 사용자 정의 단계가 이 이미지에서 실패했습니다. 운영자에게 알려 주세요.",
        "original_missing": "올린 파일이 저장소에 더 이상 없습니다. 다시 올려 주세요.",
        "storage_unavailable": "여러 번 시도했지만 저장소에 닿지 못했습니다. 나중에 다시 올려 주세요.",
        "documents_unavailable": "여러 번 시도했지만 데이터베이스에 닿지 못했습니다. 나중에 다시 올려 주세요.",
        "child_not_started": "이미지를 현상할 프로세스를 시작하지 못했습니다. 나중에 다시 올려 주세요.",
        "internal_error": "서버의 오류로 이 이미지를 현상하지 못했습니다. 운영자에게 알려 주세요.",
    }
)


def failure_sentence(code: str | None, english: str | None, language: Language) -> str | None:
    """Why an image failed, for its owner: the worker's English sentence, or the Korean one of the code if there is."""
    return english if language == "en" or code is None else _IMAGE_FAILURES.get(code, english)


def failure_codes() -> tuple[str, ...]:
    """Every code that an image may fail with."""
    return tuple(_IMAGE_FAILURES)
