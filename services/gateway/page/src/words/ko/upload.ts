import type { Words } from "../en.ts";

export const upload: Words["upload"] = {
  title: "사진이나 폴더를 여기에 놓으세요",
  invitation: [
    "사진이나 폴더를 통째로 여기에 놓으세요.",
    "레시피대로 한 장씩 현상합니다. 결과물이 나타나는 모습과 실패한 이유를 바로 볼 수 있습니다.",
    "다 되면 결과물을 ZIP 파일로 받아 가세요.",
  ],
  chooseFiles: "파일 고르기",
  chooseFolder: "폴더 고르기",
  byProgram: "터미널에서는 이렇게 합니다:",
  copy: "복사",
  copied: "복사했습니다.",
  newBatch: "새 배치",
  name: "이름",
  recipe: "레시피",
  start: "시작",
  sending: "업로드",
  amount: (files, size) => `파일 ${files}개 · ${size}`,
};
