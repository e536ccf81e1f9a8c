import { signal } from "@preact/signals";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import { append } from "./append_request.ts";
import { commitDraft, type NamedFile } from "./drafts.ts";
import { type Group, type GroupLimits, groupsOf } from "./groups.ts";
import { Rate } from "./rate.ts";
import { type QueueActions, SendingQueue } from "./sending_queue.ts";
import { unreadableAmong } from "./unreadable_files.ts";

/** How often figures change at most. */
const REDRAW_MILLISECONDS = 250;

/** What is left to do when all files are there: it is delivered like a group, with the same patience. */
const COMMIT: Group<NamedFile> = { position: 0, files: [], bytes: 0 };

export interface DraftName {
  readonly id: string;
  readonly name: string;
}

type Transmit = QueueActions<NamedFile>["transmit"];

/** The way of one draft's files to the server, and of the draft to a batch. Sizes are in bytes. */
export class Upload {
  readonly draftId: string;
  readonly name: string;
  readonly totalBytes: number;
  readonly stage = signal<"sending" | "committing">("sending");
  readonly isPaused = signal(false);
  /** Why it is paused, unless a person did it. */
  readonly problem = signal<ApiProblem | null>(null);
  readonly sentBytes = signal(0);
  readonly bytesPerSecond = signal<number | null>(null);
  /** A request has failed, and is sent again after a while. */
  readonly isRetrying = signal(false);
  /** Files that can no longer be read, and are left out. */
  readonly unreadable = signal<ReadonlySet<NamedFile>>(new Set());
  readonly #rate = new Rate();
  readonly #token = randomToken();
  #queue: SendingQueue<NamedFile>;
  #drawnAt = 0;

  constructor(draft: DraftName, files: readonly NamedFile[], limits: GroupLimits) {
    this.draftId = draft.id;
    this.name = draft.name;
    this.totalBytes = files.reduce((sum, file) => sum + file.size, 0);
    this.#queue = this.#queueOf(groupsOf(files, limits), this.#append, (bytes) => this.#show(bytes));
  }

  /** Send all files and commit the draft; false if it was cancelled. */
  async run(): Promise<boolean> {
    if (!(await this.#queue.run())) return false;
    this.sentBytes.value = this.totalBytes;
    this.stage.value = "committing";
    this.#queue = this.#queueOf([COMMIT].values(), () => commitDraft(this.draftId));
    return this.#queue.run();
  }

  pause(): void {
    this.isPaused.value = true;
    this.#queue.pause();
  }

  proceed(): void {
    this.isPaused.value = false;
    this.problem.value = null;
    this.#rate.reset();
    this.#queue.proceed();
  }

  /** Pause because of a problem. */
  stop(problem: ApiProblem): void {
    this.pause();
    this.problem.value = problem;
  }

  cancel(): void {
    this.#queue.cancel();
  }

  #queueOf(
    groups: Iterator<Group<NamedFile>, void>,
    transmit: Transmit,
    progressed: (bytes: number) => void = () => {},
  ): SendingQueue<NamedFile> {
    const stopped = (problem: ApiProblem): void => this.stop(problem);
    const retrying: Transmit = async (...request) => {
      await transmit(...request);
      this.isRetrying.value = false;
    };
    const wait = (milliseconds: number, aborted: AbortSignal): Promise<void> => {
      this.isRetrying.value = true;
      this.bytesPerSecond.value = null;
      this.#rate.reset();
      return pause(milliseconds, aborted);
    };
    return new SendingQueue(groups, { transmit: retrying, progressed, stopped, wait });
  }

  readonly #append: Transmit = async ({ position, files }, progress, aborted) => {
    const readable = files.filter((file) => !this.unreadable.peek().has(file));
    if (readable.length === 0) return;
    const key = `${this.#token}-${position}`;
    try {
      await append({ draftId: this.draftId, key, position, files: readable }, progress, aborted);
    } catch (thrown) {
      // The browser does not say whether it was the network, or a file that has been changed or removed.
      if (asProblem(thrown).status === 0 && !aborted.aborted) {
        const lost = await unreadableAmong(readable);
        this.unreadable.value = new Set([...this.unreadable.peek(), ...lost]);
      }
      throw thrown;
    }
  };

  #show(bytes: number): void {
    const now = performance.now();
    if (now - this.#drawnAt < REDRAW_MILLISECONDS) return;
    this.#drawnAt = now;
    this.#rate.note(bytes, now);
    this.sentBytes.value = bytes;
    this.bytesPerSecond.value = this.#rate.bytesPerSecond;
  }
}

/** A name that no other upload has; `randomUUID` is only there for pages that came over HTTPS. */
export function randomToken(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

function pause(milliseconds: number, aborted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    aborted.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
