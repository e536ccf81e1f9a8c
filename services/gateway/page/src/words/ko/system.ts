import type { Words } from "../en.ts";

export const system: Words["system"] = {
  title: "시스템",
  parts: "구성 요소",
  ready: "모든 구성 요소가 준비되었습니다",
  notReady: "준비되지 않은 구성 요소가 있습니다",
  works: "정상",
  unknown: "지금은 알 수 없습니다. 위의 구성 요소를 확인해 주세요.",
  workers: "워커",
  noWorkers: "지금 신호를 보내는 워커가 없습니다. 이미지를 현상하려면 워커를 시작해 주세요.",
  worker: "워커",
  slots: "슬롯",
  inHand: "작업 중",
  perSecond: "초당 장수",
  seen: "마지막 확인(전)",
  silent: "응답 없음",
  queues: "큐",
  queue: "큐",
  waiting: "대기",
  oldest: "최장 대기",
  consumers: "소비자",
  deadLetters: "실패 메시지",
};
