export const controls = {
  statuses: {
    PENDING: "Waiting",
    STARTED: "Developing",
    SUCCESS: "Completed",
    FAILURE: "With failures",
    REVOKED: "Cancelled",
  } as Readonly<Record<string, string>>,
  priorities: { high: "High priority", normal: "Normal priority", low: "Low priority" } as Readonly<
    Record<string, string>
  >,
  estimates: {
    waiting: "waits for its turn",
    measuring: "measuring",
    stalled: "nothing moves",
  } as Readonly<Record<string, string>>,
  paused: "Paused",
  stopping: "Stopping",
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  retry: "Retry",
  remove: "Delete",
  cancelQuestion: (name: string) => `Cancel “${name}”?`,
  cancelConsequence: "Images in development are finished, all others are left out. A retry can develop them later.",
  cancelAction: "Cancel the batch",
  removeQuestion: (name: string) => `Delete “${name}”?`,
  removeConsequence: "Its originals and prints are removed for good.",
  removeAction: "Delete for good",
  done: {
    pause: (name: string) => `${name}: paused.`,
    resume: (name: string) => `${name}: resumed.`,
    cancel: (name: string) => `${name}: stopping.`,
    retry: (name: string) => `${name}: retrying.`,
    delete: (name: string) => `${name}: deleted.`,
  },
};
