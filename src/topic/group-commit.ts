import type { NewEvent } from "../domain/event.ts";
import type { TopicConfig } from "../domain/topic.ts";
import { APPEND_EVENTS_MAX, APPEND_WAITING_BYTES_MAX } from "../kernel/limits.ts";
import type { Append, AppendOutcome } from "./append.ts";

/** One publish RPC: its events are appended together or not at all in the sense of each event's own outcome. */
export type Publish = { topic: TopicConfig; events: NewEvent[]; isRetry: boolean };

type Waiting = Publish & { answer(outcomes: AppendOutcome[]): void };

/**
 * Group commit: publishes that arrive while others are on their way to the disk are written together, in one
 * transaction. `commit` gets them in the order they came.
 */
export class GroupCommit {
  readonly #commit: (topic: TopicConfig, appends: Append[]) => AppendOutcome[];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isScheduled = false;

  constructor(commit: (topic: TopicConfig, appends: Append[]) => AppendOutcome[]) {
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
    for (let from = 0; from < waiting.length; from += APPEND_EVENTS_MAX) {
      this.#runGroup(waiting.slice(from, from + APPEND_EVENTS_MAX));
    }
  }

  #runGroup(group: Waiting[]): void {
    const newest = group.reduce((a, b) => (b.topic.version > a.topic.version ? b : a));
    const publishes = group.flatMap(({ topic, events, isRetry }) =>
      events.map((event) => ({ event, topicVersion: topic.version, isRetry })),
    );
    const outcomes = this.#commit(newest.topic, publishes);
    let next = 0;
    for (const { events, answer } of group) {
      answer(outcomes.slice(next, next + events.length));
      next += events.length;
    }
  }
}
