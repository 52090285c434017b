import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type Expectation, SharedProgress } from "../receiver-protocol.ts";
import {
  type ListenersAnswer,
  type ListenersReport,
  type ListenersRequest,
  type OpenListeners,
  Spread,
} from "./listeners-protocol.ts";

/** Many listeners, in a thread of their own: what they read costs the publishers nothing. */
export class Listeners {
  readonly #thread = new Worker(join(import.meta.dirname, "listeners-thread.ts"));

  /** Connects them all; throws where the relay refuses one. */
  async open(listeners: OpenListeners): Promise<void> {
    const answer = await this.#ask({ kind: "open", ...listeners });
    if (answer.kind === "opened" && answer.refused.length === 0) return;
    throw new Error(`not all of ${listeners.count} listeners were opened: ${JSON.stringify(answer).slice(0, 500)}`);
  }

  /** From now on so many events come. */
  async expect(expectation: Expectation): Promise<{ progress: SharedProgress; spread: Spread }> {
    const progress = new SharedProgress(expectation.events);
    const spread = new Spread(expectation.events);
    await this.#ask({ kind: "expect", expectation, progress: progress.buffer, spread: spread.buffer });
    return { progress, spread };
  }

  async report(): Promise<ListenersReport> {
    const answer = await this.#ask({ kind: "report" });
    if (answer.kind !== "report") throw new Error(`the listeners said ${answer.kind} instead of their report`);
    return answer.report;
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }

  async #ask(request: ListenersRequest): Promise<ListenersAnswer> {
    this.#thread.postMessage(request);
    const [answer] = (await once(this.#thread, "message")) as [ListenersAnswer];
    return answer;
  }
}
