import type { Words } from "../en.ts";

export const list: Words["list"] = {
  title: "배치",
  find: "이름으로 찾기…",
  status: "상태",
  anyStatus: "모든 상태",
  priority: "우선순위",
  anyPriority: "모든 우선순위",
  older: "이전 배치",
  nothingFound: "조건에 맞는 배치가 없습니다.",
  showAll: "모두 보기",
  failed: (images) => `실패 ${images}`,
  remaining: (time) => `약 ${time} 남음`,
  took: (time) => `${time} 걸림`,
  uploaded: (moment) => `${moment} 업로드`,
  progressOf: (name) => `진행 상황: ${name}`,
  progress: (ended, total, failed) => `${total} 중 ${ended}, 실패 ${failed}`,
  hasEnded: (name, status) => `${name}: ${status}.`,
  keys: { next: "다음 배치", previous: "이전 배치", retry: "배치 다시 시도" },
};
