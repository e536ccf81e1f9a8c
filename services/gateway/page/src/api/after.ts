/** Act once some milliseconds have passed, unless the function that is returned is called before. */
export function after(milliseconds: number, act: () => void): () => void {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
}
