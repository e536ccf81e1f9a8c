"""Why images fail."""

from shared.translated import Language, Translated, TranslatedCode


class FailureCode(TranslatedCode):
    """The worker's stable codes, those of older versions included: their images are still listed."""

    EMPTY_FILE = (
        "empty_file",
        "파일이 비어 있습니다.",
        "The file is empty.",
    )
    UNREADABLE = (
        "unreadable",
        "이미지가 손상되었거나 이미지가 아닙니다. 원본을 확인하고 다시 올려 주세요.",
        "The image is damaged, or is no image. Check the original and upload it again.",
    )
    UNSUPPORTED_FORMAT = (
        "unsupported_format",
        "지원하지 않는 형식입니다. JPEG, PNG, WebP, GIF 또는 AVIF로 바꾸어 올려 주세요.",
        "The format is not supported. Upload the image as JPEG, PNG, WebP, GIF or AVIF.",
    )
    FILE_TOO_LARGE = (
        "file_too_large",
        "파일이 허용된 것보다 큽니다. 크기를 줄여 올려 주세요.",
        "The file has more bytes than allowed. Upload a smaller one.",
    )
    TOO_MANY_PIXELS = (
        "too_many_pixels",
        "원본이나 결과물의 픽셀 수가 허용된 것보다 많습니다. 크기를 줄이거나 더 작은 레시피를 써 주세요.",
        "The image, or a print of it, has more pixels than allowed. Upload a smaller one or use a smaller recipe.",
    )
    TOO_MANY_FRAMES = (
        "too_many_frames",
        "움직이는 이미지의 프레임이 허용된 것보다 많습니다. 프레임을 줄이거나 첫 프레임만 현상해 주세요.",
        "The animation has more frames than allowed. Upload a shorter one, or have its first frame developed only.",
    )
    TOO_MANY_SCANS = (
        "too_many_scans",
        "JPEG의 스캔 수가 허용된 것보다 많습니다. 다시 저장해서 올려 주세요.",
        "The JPEG is stored in more scans than allowed. Save it anew and upload it again.",
    )
    TOO_MANY_CHUNKS = (
        "too_many_chunks",
        "파일이 너무 많은 조각으로 나뉘어 있습니다. 다시 저장해서 올려 주세요.",
        "The file is cut into more pieces than allowed. Save it anew and upload it again.",
    )
    TOO_MUCH_METADATA = (
        "too_much_metadata",
        "PNG에 들어 있는 텍스트나 색 프로파일이 너무 큽니다. 메타데이터 없이 다시 저장해서 올려 주세요.",
        "The texts or the colour profile in the PNG are too large. Save it anew without metadata and upload that.",
    )
    OUT_OF_MEMORY = (
        "out_of_memory",
        "이 이미지를 현상하는 데 허용된 것보다 많은 메모리가 필요합니다. 크기를 줄여 올려 주세요.",
        "Developing this image takes more memory than allowed. Upload a smaller one.",
    )
    TIMEOUT = (
        "timeout",
        "이 이미지를 현상하는 데 허용된 것보다 오랜 시간이 걸립니다. 크기를 줄이거나 더 간단한 레시피를 써 주세요.",
        "Developing this image takes longer than allowed. Upload a smaller one or use a simpler recipe.",
    )
    CRASHED = (
        "crashed",
        "이 이미지를 처리하다가 디코더가 멈추었습니다. 다시 저장해서 올려 주세요.",
        "The image decoder crashed on this file. Save it anew and upload it again.",
    )
    WATERMARK_UNREADABLE = (
        "watermark_unreadable",
        "레시피의 워터마크 이미지를 읽을 수 없습니다. 다른 레시피로 다시 시도해 주세요.",
        "The recipe's watermark image cannot be read. Retry with another recipe.",
    )
    STEP_FAILED = (
        "step_failed",
        "레시피에 있는 사용자 정의 단계가 이 이미지에서 실패했습니다. 운영자에게 알려 주세요.",
        "A step of the recipe that is not Darkroom's own failed on this image. Tell the operator of this service.",
    )
    UNWRITABLE = (
        "unwritable",
        "결과물을 쓸 수 없습니다. 폴더의 권한과 파일 이름의 길이를 확인해 주세요.",
        "A print cannot be written. Check the folder's permissions and how long the file's name is.",
    )
    ORIGINAL_MISSING = (
        "original_missing",
        "올린 파일이 저장소에 더 이상 없습니다. 다시 올려 주세요.",
        "The uploaded file is no longer in the object store. Upload it again.",
    )
    STORAGE_UNAVAILABLE = (
        "storage_unavailable",
        "여러 번 시도했지만 저장소에 닿지 못했습니다. 나중에 다시 올려 주세요.",
        "The storage could not be reached, at several tries. Upload the image again later.",
    )
    DOCUMENTS_UNAVAILABLE = (
        "documents_unavailable",
        "여러 번 시도했지만 데이터베이스에 닿지 못했습니다. 나중에 다시 올려 주세요.",
        "The database could not be reached, at several tries. Upload the image again later.",
    )
    CHILD_NOT_STARTED = (
        "child_not_started",
        "이미지를 현상할 프로세스를 시작하지 못했습니다. 나중에 다시 올려 주세요.",
        "No process could be started to develop the image. Upload it again later.",
    )
    INTERNAL_ERROR = (
        "internal_error",
        "서버의 오류로 이 이미지를 현상하지 못했습니다. 운영자에게 알려 주세요.",
        "An error of the server kept this image from being developed. Tell the operator of this service.",
    )
    UNRECORDED = (
        "unrecorded",
        "이전 버전이 센 실패이므로 원인별로 나눌 수 없습니다. 원인은 실패한 각 이미지에 있습니다.",
        "An earlier version counted these images, and not by cause. Each failed image names its own.",
    )

    @property
    def advice(self) -> str:
        """What to do, in English; empty where nothing can be done."""
        return self.text.english.partition(". ")[2]

    @property
    def retryable(self) -> bool:
        """Whether another try may mend it by itself: it says nothing against the file."""
        return self in _RETRYABLE


_RETRYABLE = frozenset(
    {
        FailureCode.STORAGE_UNAVAILABLE,
        FailureCode.DOCUMENTS_UNAVAILABLE,
        FailureCode.CHILD_NOT_STARTED,
        FailureCode.INTERNAL_ERROR,
    }
)


def failure_text(code: str, message: str) -> Translated:
    """Why a file fails, in every language: the English message, which says more, and the code's Korean sentence."""
    known = FailureCode.of_code(code)
    return Translated(known.text.korean if known else message, message)


def failure_sentence(code: str | None, message: str | None, language: Language) -> str | None:
    """Why an image failed, for its owner.

    In English that is the worker's message, which says more, or else the code's sentence; in Korean the code's, or else
    the worker's message.
    """
    known = FailureCode.of_code(code)
    if known is None or (message and language == "en"):
        return message
    return known.text.in_language(language)
