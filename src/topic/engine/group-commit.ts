import type { AppendOutcome } from "../../domain/append-outcome.ts";
import type { NewEvent } from "../../domain/event.ts";
import type { PublishLimit } from "../../domain/publish-limit.ts";
import type { TopicConfig } from "../../domain/topic.ts";
import { APPEND_EVENTS_MAX, APPEND_WAITING_BYTES_MAX } from "../../kernel/limits.ts";
import type { Append } from "./append.ts";

/** One publish RPC. */
export type Publish = { topic: TopicConfig; events: NewEvent[]; isRetry: boolean; limit: PublishLimit | null };

type Waiting = Publish & { answer(outcomes: AppendOutcome[]): void };

/**
 * Group commit: publishes that arrive while others are on their way to the disk are written together, in one
 * transaction. `commit` gets them in the order they came.
 */
export class GroupCommit {
  readonly #commit: (topic: TopicConfig, appends: Append[]) => AppendOutcome[][];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isScheduled = false;

  constructor(commit: (topic: TopicConfig, appends: Append[]) => AppendOutcome[][]) {
    this.#commit = commit;
  }

  add(publish: Publish): Promise<AppendOutcome[]> {
    const bytes = publish.events.reduce((sum, { body }) => sum + body.byteLength, 0);
    if (this.#waitingBytes + bytes > APPEND_WAITING_BYTES_MAX) {
      return Promise.resolve(
        publish.events.map(() => ({ kind: "failed", error: "too much is waiting to be written" })),
      );
    }
    this.#waitingBytes += bytes;
    return new Promise((resolve) => {
      this.#waiting.push({ ...publish, answer: resolve });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      // One turn of the event loop later, so that publishes that have arrived by then share the transaction.
      setTimeout(() => this.#run(), 0);
    });
  }

  #run(): void {
    this.#isScheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    let group: Waiting[] = [];
    let events = 0;
    for (const publish of waiting) {
      group.push(publish);
      events += publish.events.length;
      if (events < APPEND_EVENTS_MAX) continue;
      this.#runGroup(group);
      group = [];
      events = 0;
    }
    if (group.length > 0) this.#runGroup(group);
  }

  #runGroup(group: Waiting[]): void {
    const newest = group.reduce((a, b) => (b.topic.version > a.topic.version ? b : a));
    const appends = group.map(({ topic, events, isRetry, limit }) => ({
      events,
      topicVersion: topic.version,
      isRetry,
      limit,
    }));
    const outcomes = this.#commit(newest.topic, appends);
    for (const [i, { answer }] of group.entries()) answer(outcomes[i] ?? []);
  }
}
