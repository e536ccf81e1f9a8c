"""What `darkroom develop` says, in Korean and English."""

from shared.translated import Translated

FILE_MISSING = Translated(
    "{file} 파일이나 폴더가 없습니다. 이름을 확인해 주세요.", "There is no file or folder {file}. Check the name."
)
FOLDER_IS_OUT = Translated(
    "{folder}에는 사진이 들어 있습니다. --out에 다른 폴더를 정해 주세요. 예: {other}",
    "{folder} holds the photographs themselves. Name another folder for --out, {other} for example.",
)
NO_PHOTOGRAPHS = Translated(
    "사진이 없습니다. 이미지 파일이나 이미지가 든 폴더를 지정해 주세요.",
    "No photographs found. Name image files, or folders that hold some.",
)
SPECIAL_FILE = Translated(
    "{file}은(는) 파일이 아니라 파이프, 소켓 또는 장치입니다. 이미지 파일을 지정해 주세요.",
    "{file} is no file but a pipe, socket or device. Name image files.",
)
LEFT_OUT = Translated(
    "폴더에 있는 다른 파일 {count}개는 현상하지 않았습니다: {kinds}",
    "{count} other files in the folders were left out: {kinds}",
)
PRINT_ENDANGERS = Translated(
    "결과물이 {file}을(를) 덮어쓰게 됩니다. --out에 다른 폴더를 정해 주세요.",
    "A print would take the place of {file}. Name another folder for --out.",
)
RECIPE_AND_OPTIONS = Translated(
    "--recipe와 --options는 함께 쓸 수 없습니다. 하나를 빼 주세요.",
    "--recipe and --options cannot go together. Leave one out.",
)
RECIPE_INVALID = Translated("이 레시피는 쓸 수 없습니다:{problems}", "The recipe cannot be used:{problems}")
RECIPE_UNKNOWN = Translated(
    "{name}(이)라는 레시피가 없습니다. 있는 레시피: {known}.",
    "There is no recipe called {name}. Known recipes: {known}.",
)
RECIPE_UNREADABLE = Translated(
    "{file}의 레시피를 읽을 수 없습니다: {reason}.", "Cannot read the recipe in {file}: {reason}."
)
RECIPE_TOO_LONG = Translated(
    "레시피가 너무 깁니다. {bytes}바이트까지 쓸 수 있습니다.", "The recipe is too long: it may have {bytes} bytes."
)
OUT_UNWRITABLE = Translated(
    "{folder}에 쓸 수 없습니다: {reason}. --out에 다른 폴더를 정해 주세요.",
    "Cannot write into {folder}: {reason}. Choose another --out.",
)
NO_PROCESS = Translated(
    "사진을 현상할 프로세스를 시작하지 못했습니다. 지금 이 컴퓨터에 여유가 없습니다.",
    "No process could be started to develop photographs: this machine has no room for one at present.",
)
DISK_FULL = Translated(
    "{folder}에 남은 공간이 없어 멈췄습니다. 공간을 비우거나 --out에 다른 폴더를 정한 뒤 다시 실행해 주세요.",
    "Stopped, for there is no space left in {folder}. Free some or choose another --out, and run the command again.",
)
EARLIER_PRINTS = Translated(
    "이전에 만든 결과물 폴더는 제외했습니다: {folders}", "Left out, as prints of an earlier run: {folders}"
)
COMPLETED = Translated(
    "{seconds:.1f}초 동안 {completed}장 완료{rate}: 결과물 {prints}개, 위치 {folder}",
    "{completed} completed in {seconds:.1f} s{rate}: {prints} prints in {folder}",
)
RATE = Translated(" (초당 {rate:.1f}장)", " ({rate:.1f} images/s)")
FAILED = Translated("{count}장 실패. 이유는 위에 적었습니다", "{count} failed, each named above with its reason")
NOT_REACHED = Translated(
    "{count}장은 시작하지 않았습니다. 같은 명령을 다시 실행하면 모든 사진을 처음부터 현상합니다",
    "{count} not reached: the same command develops all photographs again",
)
RENAMED = Translated("{file}의 결과물 이름: {name}", "Prints of {file} are named {name}")
MORE_RENAMED = Translated("그 밖에 {count}개. 모두 보려면 --json", "and {count} more; --json names them all")
