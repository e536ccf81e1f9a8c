import type { Words } from "../en.ts";

export const batch: Words["batch"] = {
  title: "배치",
  gone: "삭제된 배치입니다.",
  generation: (number) => `재시도 ${number}회`,
  stopped: {
    cancelled: "취소되었습니다. 시작하지 않은 이미지는 현상하지 않습니다.",
    failure_threshold: "실패가 너무 많아 나머지는 현상하지 않습니다.",
  },
  progress: "진행률",
  completed: "완료",
  total: "이미지",
  failed: "실패",
  revoked: "제외",
  elapsed: "경과",
  took: "걸린 시간",
  remaining: "남은 시간",
  about: (time) => `약 ${time}`,
  archive: "결과물 모두 받기 (ZIP)",
  contactSheet: "밀착 인화",
  tabs: { images: "이미지", failures: "실패", timeline: "타임라인" },
  keys: { pause: "일시 정지 또는 재개", retry: "다시 시도", list: "배치 목록으로" },
  heard: {
    started: "현상을 시작했습니다.",
    share: (percent) => `${percent} 퍼센트.`,
    firstFailure: "실패한 이미지가 생겼습니다.",
    ended: {
      SUCCESS: "끝났습니다. 모든 이미지가 완료되었습니다.",
      FAILURE: "끝났습니다. 실패한 이미지가 있습니다.",
      REVOKED: "취소되었습니다.",
    },
  },
};
