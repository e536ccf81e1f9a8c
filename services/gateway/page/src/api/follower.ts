/** How a stream is heard of: the part of `EventSource` that is used. */
export interface Source {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

/** What a follower stands on; in the browser, `EventSource` and its timers. */
export interface Surroundings {
  open(address: string): Source;
  after(milliseconds: number, act: () => void): () => void;
}

/** What is followed, and what becomes of its events. */
export interface Subject {
  readonly address: string;
  /** By the event's name; the argument is its data, read as JSON. */
  readonly events: Readonly<Record<string, (data: never) => void>>;
  /** The name of the event after which nothing comes. */
  readonly last?: string;
  /** Ask for the present state instead, while the stream cannot be had; rejects if that fails. */
  poll(): Promise<void>;
}

export type Connection = "connecting" | "live" | "lost" | "ended";

const CLOSED = 2;
const FAILURES_BEFORE_POLLING = 3;
const POLL_MILLISECONDS = 5000;
const RECONNECT_MILLISECONDS = [1000, 2000, 5000] as const;
/** Three heartbeats of a gateway: one that says nothing for so long hangs, or cannot be reached any more. */
const SILENCE_MILLISECONDS = 15_000;

/** Follows one stream until it ends or is stopped, opens it again whenever it breaks, and polls while it cannot be had. */
export class Follower {
  readonly #subject: Subject;
  readonly #surroundings: Surroundings;
  readonly #report: (connection: Connection) => void;
  #source: Source | null = null;
  #failures = 0;
  #waiting: (() => void) | null = null;
  #polling: (() => void) | null = null;
  #silence: (() => void) | null = null;

  constructor(subject: Subject, surroundings: Surroundings, report: (connection: Connection) => void) {
    this.#subject = subject;
    this.#surroundings = surroundings;
    this.#report = report;
  }

  /** Connect; without effect if it is connected. */
  start(): void {
    if (this.#source || this.#waiting) return;
    this.#report("connecting");
    this.#connect();
  }

  /** Let go of the connection and of everything that was planned. */
  stop(): void {
    this.#source?.close();
    this.#source = null;
    this.#waiting?.();
    this.#waiting = null;
    this.#stopPolling();
    this.#stopListening();
    this.#failures = 0;
  }

  #connect(): void {
    const source = this.#surroundings.open(this.#subject.address);
    this.#source = source;
    source.addEventListener("open", () => this.#opened(source));
    source.addEventListener("error", () => this.#failed(source));
    source.addEventListener("heartbeat", () => this.#listen(source));
    this.#listen(source);
    for (const [name, act] of Object.entries(this.#subject.events)) {
      source.addEventListener(name, (event) => {
        if (source !== this.#source) return;
        if (this.#silence) this.#listen(source);
        act(JSON.parse(event.data) as never);
        if (name === this.#subject.last) this.#end();
      });
    }
  }

  #opened(source: Source): void {
    if (source !== this.#source) return;
    this.#failures = 0;
    this.#stopPolling();
    // Until the first heartbeat: servers of earlier releases send none.
    this.#stopListening();
    this.#report("live");
  }

  #failed(source: Source): void {
    if (source !== this.#source) return;
    this.#failures += 1;
    this.#report("lost");
    if (this.#failures === FAILURES_BEFORE_POLLING) this.#poll();
    this.#listen(source);
    // It connects again by itself, unless it was refused.
    if (source.readyState !== CLOSED) return;
    this.#stopListening();
    this.#source = null;
    // What is asked for by itself says why: the batch may be gone.
    if (!this.#polling) void this.#subject.poll().catch(() => undefined);
    const pause = RECONNECT_MILLISECONDS[this.#failures - 1] ?? RECONNECT_MILLISECONDS[2];
    this.#waiting = this.#surroundings.after(pause, () => {
      this.#waiting = null;
      this.#connect();
    });
  }

  /** Give up a stream that stays silent from now on. */
  #listen(source: Source): void {
    if (source !== this.#source) return;
    this.#stopListening();
    this.#silence = this.#surroundings.after(SILENCE_MILLISECONDS, () => {
      source.close();
      this.#failed(source);
    });
  }

  #stopListening(): void {
    this.#silence?.();
    this.#silence = null;
  }

  #end(): void {
    this.stop();
    this.#report("ended");
  }

  #poll(): void {
    let stopped = false;
    let cancel: (() => void) | null = null;
    const again = async (): Promise<void> => {
      // The next request is made only after the answer to this one.
      await this.#subject.poll().catch(() => undefined);
      if (!stopped) cancel = this.#surroundings.after(POLL_MILLISECONDS, () => void again());
    };
    this.#polling = () => {
      stopped = true;
      cancel?.();
    };
    void again();
  }

  #stopPolling(): void {
    this.#polling?.();
    this.#polling = null;
  }
}
