import type { Words } from "../en.ts";

export const images: Words["images"] = {
  title: "이미지",
  goTo: "이미지 번호",
  of: (total) => `전체 ${total}`,
  go: "이동",
  larger: "크게 보기",
  smaller: "작게 보기",
  loading: "불러오는 중",
  cell: (name, state, code) => `${name}: ${state}${code && ` (${code})`}`,
  states: { pending: "대기 중", completed: "완료", failed: "실패", revoked: "제외" },
  part: (first, last, total) => `${first}–${last} / ${total}`,
  previousPart: "앞쪽 이미지",
  nextPart: "뒤쪽 이미지",
};
