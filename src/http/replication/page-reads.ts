import { POKE_RETRY_MS_MIN } from "../../kernel/limits.ts";
import type { Answered } from "../../topic/client.ts";

/**
 * What one answer reads of logs, page by page. Consents may have been withdrawn while a page was on its way, and the withdrawal
 * answered: a page that comes too late is asked for anew.
 */
export class PageReads {
  readonly #nowMs: () => number;
  #left: number;

  constructor(nowMs: () => number, readsMax: number) {
    this.#nowMs = nowMs;
    this.#left = readsMax;
  }

  get areUsedUp(): boolean {
    return this.#left <= 0;
  }

  /** Throws where the log does not answer, or no page comes in time: by then an answer has begun, and can only be cut. */
  async take<Page extends { validMs: number }>(ask: () => Answered<Page>): Promise<Page> {
    while (this.#left-- > 0) {
      const askedMs = this.#nowMs();
      const answer = await ask();
      if (!answer.ok) throw new Error("a log does not answer");
      const page = answer.value;
      if (this.#nowMs() - askedMs <= page.validMs - POKE_RETRY_MS_MIN) return page;
    }
    throw new Error("there is more to read than one answer may");
  }
}
