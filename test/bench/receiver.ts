import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import {
  type Expectation,
  type ReceiverAnswer,
  type ReceiverReport,
  type ReceiverRequest,
  SharedProgress,
} from "./receiver-protocol.ts";

/** The webhook of every subscription: an HTTP server in a thread of its own, so that it does not share a core with the publishers by force. */
export class Receiver {
  readonly url: string;
  readonly #thread: Worker;

  private constructor(thread: Worker, port: number) {
    this.#thread = thread;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Receiver> {
    const thread = new Worker(join(import.meta.dirname, "receiver-thread.ts"));
    const [answer] = (await once(thread, "message")) as [ReceiverAnswer];
    if (answer.kind !== "listening") throw new Error(`the receiver said ${answer.kind} before it listened`);
    return new Receiver(thread, answer.port);
  }

  /** Begins a case. Its deliveries come to `{url}/{name}/{subscription}`, subscriptions counted from 0. */
  async expect(name: string, expectation: Expectation): Promise<SharedProgress> {
    const progress = new SharedProgress(expectation.events);
    await this.#ask({ kind: "expect", name, expectation, shared: progress.buffer });
    return progress;
  }

  async measure(): Promise<void> {
    await this.#ask({ kind: "measure" });
  }

  async report(): Promise<ReceiverReport> {
    const answer = await this.#ask({ kind: "report" });
    if (answer.kind !== "report") throw new Error(`the receiver said ${answer.kind} instead of its report`);
    return answer.report;
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }

  async #ask(request: ReceiverRequest): Promise<ReceiverAnswer> {
    this.#thread.postMessage(request);
    const [answer] = (await once(this.#thread, "message")) as [ReceiverAnswer];
    return answer;
  }
}
