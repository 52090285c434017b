import type { AppendOutcome } from "../../src/domain/append-outcome.ts";
import type { NewEvent } from "../../src/domain/event.ts";
import { shardOf, type TopicConfig } from "../../src/domain/topic.ts";
import { utf8Bytes } from "../../src/kernel/encoding.ts";
import { appendEvents } from "../../src/topic/engine/append.ts";
import { OWNERS, TOPIC_NUMBER } from "./cast.ts";
import type { Chaos } from "./chaos.ts";
import { eventId } from "./event-ids.ts";
import { DISK_FAILED, type LogMachine } from "./log-machine.ts";
import type { Logs } from "./logs.ts";
import type { Observer } from "./observer.ts";
import { olderEvent, olderTopic } from "./older-version.ts";
import type { Oracle } from "./oracle.ts";
import type { Promises } from "./promises.ts";
import type { Relay } from "./relay.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Subscribers } from "./subscribers.ts";
import type { Published } from "./watched.ts";

const LARGE_ITEMS = 80; // more than a filter may look at here
const REPEATED_MAX = 5; // of what a log remembers to have taken, as small as that is here

const UPGRADED_MS_MAX = 200_000;

export const KEYS = ["k1", "k2", "k3", "k4", "k5", null, null];

type Draft = Omit<Published, "seq" | "place" | "acceptedMs">;

type PublishersParts = {
  time: Scheduler;
  chaos: Chaos;
  logs: Logs;
  oracle: Oracle;
  observer: Observer;
  promises: Promises;
  subscribers: Subscribers;
  relay: Relay;
  topic: TopicConfig;
};

/** What one of the Worker's isolates believes of the API. Until it is upgraded, it says what the first version did. */
type Isolate = { topic: TopicConfig; shards: number; upgradedMs: number };

/** Publishes events over time, alone or in bursts, with what it believes of the API, and looks again where a log knows better. */
export class Publishers {
  published = 0;
  readonly #parts: PublishersParts;
  /** Two that know more or less of the API. */
  readonly #isolates: [Isolate, Isolate];
  #events = 0;

  constructor(parts: PublishersParts) {
    this.#parts = parts;
    this.#isolates = [
      { topic: parts.topic, shards: 1, upgradedMs: 0 },
      { topic: parts.topic, shards: 1, upgradedMs: parts.chaos.chance(0.3) ? parts.chaos.int(1, UPGRADED_MS_MAX) : 0 },
    ];
  }

  publishSome(left: number): void {
    if (left <= 0) return;
    const { chaos, time, logs } = this.#parts;
    const isolate = this.#isolates[chaos.int(0, 1) as 0 | 1];
    if (chaos.chance(0.05)) void this.#lookAgain(isolate);
    time.at(time.nowMs + chaos.int(1, chaos.chance(0.1) ? 20_000 : 1500), () => {
      const burst = chaos.chance(0.15) ? chaos.int(5, 20) : 1;
      const drafts = Array.from({ length: burst }, () => this.#draft(isolate));
      for (const [log, ofLog] of Map.groupBy(drafts, (draft) => draft.log))
        this.#publish(isolate, logs.get(log), ofLog);
      this.publishSome(left - burst);
    });
  }

  /** What a log took is published from then on, in its order. One that does not answer yet takes nothing. */
  #publish(isolate: Isolate, machine: LogMachine, drafts: Draft[]): void {
    const { chaos, oracle, promises, subscribers } = this.#parts;
    void machine.open().catch(() => {});
    if (!machine.isOpen) return;
    const events = drafts.map((draft) => this.#newEvent(draft));
    const outcomes = machine.onShakyDisk(0.03, () => this.#append(isolate, machine, events, false)) ?? [];
    machine.flush();
    for (const [i, outcome] of outcomes.entries()) this.#note(drafts[i], outcome);
    promises.check(machine, subscribers.ids);
    if (outcomes.some(({ kind }) => kind === "topic_changed")) void this.#lookAgain(isolate);
    // The answer was lost, and the client repeats its call.
    if (drafts.length > REPEATED_MAX || !chaos.fault(0.05)) return;
    const again = this.#append(isolate, machine, events, true);
    for (const [i, { kind }] of outcomes.entries()) {
      if (kind === "accepted" && again[i]?.kind !== kind) oracle.fail("append", `a repeated call is ${again[i]?.kind}`);
    }
    for (const [i, outcome] of again.entries()) if (outcomes[i]?.kind !== "accepted") this.#note(drafts[i], outcome);
  }

  #append(isolate: Isolate, machine: LogMachine, events: NewEvent[], isRetry: boolean): AppendOutcome[] {
    const { observer, time } = this.#parts;
    const isOld = time.nowMs < isolate.upgradedMs;
    const topic = isOld ? olderTopic(isolate.topic) : isolate.topic;
    const said = isOld ? events.map(olderEvent) : events;
    const appends = said.map((event) => ({ events: [event], topicVersion: topic.version, isRetry, limit: null }));
    return observer.over(machine, () => appendEvents(machine.log, topic, appends).flat());
  }

  #note(draft: Draft | undefined, outcome: AppendOutcome): void {
    if (!draft) return;
    if (outcome.kind === "accepted") {
      this.#parts.oracle.accepted(draft);
      this.published++;
      return;
    }
    const isForNobody = outcome.kind === "subscription_not_found" && draft.target !== null;
    const isDisk = outcome.kind === "failed" && outcome.error.includes(DISK_FAILED);
    if (outcome.kind !== "topic_changed" && !isForNobody && !isDisk)
      this.#parts.oracle.fail("append", JSON.stringify(outcome));
  }

  async #lookAgain(isolate: Isolate): Promise<void> {
    Object.assign(isolate, await this.#parts.relay.readTopic());
  }

  #draft({ shards }: Isolate): Draft {
    const { chaos, logs, subscribers, time } = this.#parts;
    const key = KEYS[chaos.int(0, KEYS.length - 1)] ?? null;
    const shard = shardOf(key, shards, chaos.random);
    return {
      id: eventId(time.nowMs, { topicNumber: TOPIC_NUMBER, shard }, this.#events++),
      log: logs.shard(shard).name,
      key,
      owner: OWNERS[chaos.int(0, OWNERS.length - 1)] ?? null,
      target: chaos.chance(0.05) ? subscribers.pick() : null,
      n: chaos.int(0, 9),
      isLarge: chaos.chance(0.1),
    };
  }

  #newEvent({ id, key, owner, target, n, isLarge }: Draft): NewEvent {
    const items = Array.from({ length: isLarge ? LARGE_ITEMS : 1 }, () => 1);
    const data = { n, items, padding: "x".repeat(this.#parts.chaos.int(0, 200)) };
    return {
      id,
      channel: "c",
      partitionKey: key,
      dataOwnerId: owner,
      subscriptionId: target,
      requestId: "r",
      originRequestId: null,
      traceparent: null,
      cloudEvent: null,
      hops: 0,
      contentType: "application/json",
      body: utf8Bytes(JSON.stringify(data)),
      idempotency: null,
    };
  }
}
