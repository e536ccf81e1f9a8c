import { effect, type Signal, signal } from "@preact/signals";

/**
 * A signal whose value outlives the page in localStorage.
 *
 * What is stored there and is not `accepted` counts as nothing; a browser without storage keeps it for this visit.
 */
export function stored<T extends string>(name: string, accepted: readonly T[], otherwise: T): Signal<T> {
  const key = `darkroom.${name}`;
  const found = accepted.find((value) => value === read(key));
  const value = signal<T>(found ?? otherwise);
  effect(() => write(key, value.value));
  return value;
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is full or forbidden: the choice holds until the page is left.
  }
}
