import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { Group, PlacedFile } from "./groups.ts";
import { pauseBeforeRetry } from "./retries.ts";

/** Browsers give a server six connections over all tabs; streams and thumbnails need the others. */
const REQUESTS_IN_FLIGHT = 3;

export interface QueueActions<Item extends PlacedFile> {
  /** Sends one group and gives its sent bytes now and then; throws an `ApiProblem`, or anything once it is aborted. */
  readonly transmit: (group: Group<Item>, progress: (bytes: number) => void, signal: AbortSignal) => Promise<void>;
  /** Ends early once it is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Bytes sent of all groups; fewer than before when a request is to be sent again. */
  readonly progressed: (bytes: number) => void;
  /** The queue is paused by something that does not pass by itself. */
  readonly stopped: (problem: ApiProblem) => void;
}

/** Sends groups side by side, each until it has arrived. */
export class SendingQueue<Item extends PlacedFile> {
  readonly #groups: Iterator<Group<Item>, void>;
  readonly #actions: QueueActions<Item>;
  readonly #inFlight = new Map<Group<Item>, number>();
  #arrivedBytes = 0;
  #requests = new AbortController();
  #held: Hold | null = null;
  #isCancelled = false;

  constructor(groups: Iterator<Group<Item>, void>, actions: QueueActions<Item>) {
    this.#groups = groups;
    this.#actions = actions;
  }

  /** Send all groups; false if it was cancelled. */
  async run(): Promise<boolean> {
    await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT }, () => this.#sendOneByOne()));
    return !this.#isCancelled;
  }

  /** Break off what is in flight, and send it again later. */
  pause(): void {
    if (this.#held) return;
    this.#held = new Hold();
    this.#requests.abort();
  }

  proceed(): void {
    this.#requests = new AbortController();
    this.#held?.release();
    this.#held = null;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#requests.abort();
    this.#held?.release();
  }

  async #sendOneByOne(): Promise<void> {
    while (await this.#maySend()) {
      const next = this.#groups.next();
      if (next.done) return;
      await this.#deliver(next.value);
    }
  }

  async #maySend(): Promise<boolean> {
    await this.#held?.released;
    return !this.#isCancelled;
  }

  async #deliver(group: Group<Item>): Promise<void> {
    for (let failures = 1; await this.#maySend(); failures += 1) {
      const { signal } = this.#requests;
      try {
        await this.#actions.transmit(group, (bytes) => this.#note(group, bytes), signal);
        this.#arrivedBytes += group.bytes;
        this.#forget(group);
        return;
      } catch (thrown) {
        this.#forget(group);
        if (!signal.aborted) await this.#recover(asProblem(thrown), failures, signal);
        // After a pause it is tried as patiently as at first.
        if (signal.aborted) failures = 0;
      }
    }
  }

  async #recover(problem: ApiProblem, failures: number, signal: AbortSignal): Promise<void> {
    const pause = pauseBeforeRetry(problem, failures);
    if (pause !== null) return this.#actions.wait(pause, signal);
    this.pause();
    this.#actions.stopped(problem);
  }

  #note(group: Group<Item>, bytes: number): void {
    // What stands around the files is sent as well, and not counted.
    this.#inFlight.set(group, Math.min(bytes, group.bytes));
    this.#report();
  }

  #forget(group: Group<Item>): void {
    this.#inFlight.delete(group);
    this.#report();
  }

  #report(): void {
    let bytes = this.#arrivedBytes;
    for (const sent of this.#inFlight.values()) bytes += sent;
    this.#actions.progressed(bytes);
  }
}

/** Something to wait for until it is released. */
class Hold {
  release: () => void = () => {};
  readonly released = new Promise<void>((resolve) => {
    this.release = resolve;
  });
}
