import type { Words } from "../en.ts";

export const failures: Words["failures"] = {
  title: "실패",
  none: "실패한 이미지가 없습니다.",
  retryAtTheEnd: "배치가 끝나면 원인별로 다시 시도할 수 있습니다.",
  retryHelps: "다시 시도하면 될 수도 있습니다",
  images: "장",
  examples: "예",
  showAll: "모두 보기",
  by: "레시피",
  sameRecipe: (name) => `그대로 (${name})`,
  retry: (images) => `${images}장 다시 시도`,
  retryCause: (images, sentence) => `${images}장 다시 시도: ${sentence}`,
  retrying: (images) => `${images}장을 다시 시도합니다.`,
  revoked: "현상하기 전에 배치가 멈추어 제외되었습니다.",
};
