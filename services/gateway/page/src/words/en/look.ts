export const look = {
  cancel: "Cancel",
  goBack: "Go back",
  earlier: "Earlier",
  later: "Later",
  close: "Close",
  more: "More about it",
  code: "Code",
  unreachable: "The server cannot be reached. Check that it runs, then try again.",
  refused: (status: string) => `The server answered with an error (${status}).`,
  tryAgain: "Try again",
  progress: (ended: string, total: string) => `${ended} of ${total}`,
};
