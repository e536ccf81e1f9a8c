import type { Words } from "../en.ts";

export const look: Words["look"] = {
  cancel: "취소",
  goBack: "돌아가기",
  earlier: "앞쪽",
  later: "뒤쪽",
  close: "닫기",
  more: "자세히",
  code: "코드",
  unreachable: "서버에 연결할 수 없습니다. 서버가 실행 중인지 확인한 뒤 다시 시도해 주세요.",
  refused: (status) => `서버가 오류로 응답했습니다 (${status}).`,
  tryAgain: "다시 시도",
  progress: (ended, total) => `${total} 중 ${ended}`,
};
