import type { Words } from "../en.ts";

export const controls: Words["controls"] = {
  statuses: {
    PENDING: "대기 중",
    STARTED: "현상 중",
    SUCCESS: "완료",
    FAILURE: "실패 있음",
    REVOKED: "취소됨",
  },
  priorities: { high: "우선순위 높음", normal: "우선순위 보통", low: "우선순위 낮음" },
  estimates: { waiting: "차례를 기다리는 중", measuring: "재는 중", stalled: "진행이 멈춤" },
  paused: "일시 정지",
  stopping: "멈추는 중",
  pause: "일시 정지",
  resume: "재개",
  cancel: "취소",
  retry: "다시 시도",
  remove: "삭제",
  cancelQuestion: (name) => `배치를 취소할까요? “${name}”`,
  cancelConsequence: "현상 중인 이미지는 마치고 나머지는 현상하지 않습니다. 나중에 다시 시도할 수 있습니다.",
  cancelAction: "배치 취소",
  removeQuestion: (name) => `배치를 삭제할까요? “${name}”`,
  removeConsequence: "원본과 결과물이 모두 지워지며 되돌릴 수 없습니다.",
  removeAction: "완전히 삭제",
  done: {
    pause: (name) => `${name}: 일시 정지했습니다.`,
    resume: (name) => `${name}: 재개했습니다.`,
    cancel: (name) => `${name}: 멈추는 중입니다.`,
    retry: (name) => `${name}: 다시 시도합니다.`,
    delete: (name) => `${name}: 삭제했습니다.`,
  },
};
