interface Asking<Wanted, Answer> {
  ask(wanted: Wanted, signal: AbortSignal): Promise<Answer>;
  answered(answer: Answer): void;
  failed(thrown: unknown): void;
}

/** Asks for what was wanted last, once nothing else has been wanted for a while; answers to what is older are dropped. */
export class Newest<Wanted, Answer> {
  private readonly asking: Asking<Wanted, Answer>;
  private readonly milliseconds: number;
  private present = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(milliseconds: number, asking: Asking<Wanted, Answer>) {
    this.milliseconds = milliseconds;
    this.asking = asking;
  }

  want(wanted: Wanted): void {
    this.stop();
    this.present = new AbortController();
    const { signal } = this.present;
    this.timer = setTimeout(() => void this.run(wanted, signal), this.milliseconds);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.present.abort();
  }

  private async run(wanted: Wanted, signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.asking.ask(wanted, signal);
      if (!signal.aborted) this.asking.answered(answer);
    } catch (thrown) {
      if (!signal.aborted) this.asking.failed(thrown);
    }
  }
}
