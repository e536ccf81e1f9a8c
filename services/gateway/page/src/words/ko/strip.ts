import type { Words } from "../en.ts";

export const strip: Words["strip"] = {
  title: "전체 이미지",
  label: "전체 이미지에서의 위치, Enter 키로 이동",
  cell: (first, last, counts) => (first === last ? `이미지 ${first}: ${counts}` : `이미지 ${first}–${last}: ${counts}`),
  count: (images, state) => `${state} ${images}`,
};
