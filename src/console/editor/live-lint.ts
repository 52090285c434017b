export type LintOutcome<A> =
  | { state: "idle" }
  | { state: "checking" }
  | { state: "checked"; text: string; answer: A }
  | { state: "failed"; error: unknown };

type Options<A> = {
  lint(text: string, signal: AbortSignal): Promise<A>;
  onOutcome(outcome: LintOutcome<A>): void;
  delayMs: number;
};

/** Checks a text once nobody has typed for a while. Only the newest text's answer counts; the others are given up. */
export class LiveLint<A> {
  readonly #options: Options<A>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = new AbortController();

  constructor(options: Options<A>) {
    this.#options = options;
  }

  /** The text is this one now. */
  check(text: string): void {
    this.stop();
    const isEmpty = text.trim() === "";
    this.#options.onOutcome({ state: isEmpty ? "idle" : "checking" });
    if (isEmpty) return;
    this.#timer = setTimeout(() => void this.#ask(text), this.#options.delayMs);
  }

  /** Nobody waits for an answer any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#asked.abort();
    this.#asked = new AbortController();
  }

  async #ask(text: string): Promise<void> {
    const { signal } = this.#asked;
    const { lint, onOutcome } = this.#options;
    try {
      const answer = await lint(text, signal);
      if (!signal.aborted) onOutcome({ state: "checked", text, answer });
    } catch (error) {
      if (!signal.aborted) onOutcome({ state: "failed", error });
    }
  }
}
