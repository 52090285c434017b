import { env } from "cloudflare:workers";
import type { NewEvent } from "../../../src/domain/event.ts";
import type { ListenedTopic } from "../../../src/domain/live.ts";
import { logName, shardOf, type TopicConfig } from "../../../src/domain/topic.ts";
import type { HubConnect } from "../../../src/hub/connect.ts";
import { type Connected, openHub } from "../../../src/hub/open-hub.ts";
import { newEventId, newId } from "../../../src/kernel/ids.ts";
import { topicLogs } from "../../../src/topic/client.ts";
import { OPEN, subscriptionOf } from "../../support/log-fixture.ts";

const encoder = new TextEncoder();

export const logs = topicLogs(env.TOPIC_LOG);

type ConnectFields = Partial<HubConnect> & { after?: string; from?: "latest" | "earliest" };

export type Frame = { cursor: string; id: string; channel: string; partitionKey: string | null; data: number };

/** One topic in real logs, an app's subscription to it, and clients of real hubs. */
export class HubStage {
  readonly apiId = newId();
  readonly appId = newId();
  readonly topicId = newId();
  readonly topicNumber = Math.floor(Math.random() * 2 ** 30);
  readonly config: TopicConfig;
  shards = 1;
  #version = 1;
  #published = 0;

  constructor(config: Partial<TopicConfig> = {}) {
    this.config = { ...OPEN, ...config };
  }

  log(shard = 0): string {
    return logName(this.topicId, shard);
  }

  logStub(shard = 0) {
    return env.TOPIC_LOG.getByName(this.log(shard));
  }

  /** The hub that takes the first clients without a name. */
  get hubStub() {
    return env.STREAM_HUB.getByName(`api/${this.apiId}/0`);
  }

  async subscribe(fields: { id?: string; active?: boolean; filter?: string | null } = {}): Promise<string> {
    const id = fields.id ?? "s";
    const subscription = subscriptionOf({ target: null, version: this.#version++, ...fields, id });
    for (let shard = 0; shard < this.shards; shard++) {
      const put = await logs.putSubscription(this.log(shard), this.config, subscription, "latest");
      if (!put.ok) throw new Error("the log does not answer");
    }
    return id;
  }

  async unsubscribe(id = "s"): Promise<void> {
    await logs.removeSubscription(this.log(), id, this.#version++);
  }

  async consent(dataOwnerId: string, granted: boolean, subscriptionId = "s"): Promise<void> {
    const consent = { subscriptionId, dataOwnerId, granted, version: this.#version++, expiresMs: null };
    await logs.putConsent(this.log(), consent);
  }

  /** Publishes the next numbers, one by one; answers the last. */
  async publish(count = 1, fields: Partial<NewEvent> = {}): Promise<number> {
    for (let i = 0; i < count; i++) await this.publishAll([fields]);
    return this.#published;
  }

  /** Publishes at once; each event is the next number. A log that has lost the key to a new shard says so. */
  async publishAll(events: Partial<NewEvent>[]): Promise<void> {
    const numbered = events.map((fields) => ({ number: ++this.#published, fields }));
    for (const { number, fields } of numbered) await this.#append(number, fields);
  }

  async #append(number: number, fields: Partial<NewEvent>): Promise<void> {
    const shard = shardOf(fields.partitionKey ?? null, this.shards, () => 0);
    const event: NewEvent = {
      ...{
        id: newEventId(Date.now(), { topicNumber: this.topicNumber, shard }),
        channel: "orders",
        partitionKey: null,
      },
      ...{ dataOwnerId: null, subscriptionId: null, requestId: newId(), originRequestId: null, traceparent: null },
      ...{ cloudEvent: null, hops: 0, contentType: "application/json", idempotency: null },
      body: encoder.encode(String(number)),
      ...fields,
    };
    const answer = await logs.append(this.log(shard), this.config, [event]);
    if (!answer.ok) throw new Error("the log does not answer");
    if (answer.value[0]?.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(answer.value)}`);
  }

  topic(subscriptionId = "s"): ListenedTopic {
    const { apiId, topicId, topicNumber } = this;
    return { apiId, subscriptionId, topicId, topicNumber, channels: null };
  }

  /** Connects; rejects with the reason where the hub refuses. */
  async connect(fields: ConnectFields = {}): Promise<HubClient> {
    const { socket, cursor } = await this.open(fields);
    return new HubClient(socket, cursor);
  }

  /** As `connect`, for a client that reads nothing and answers nothing. */
  async open(fields: ConnectFields = {}): Promise<Connected> {
    const { after = null, from = "latest", ...rest } = fields;
    const connect: HubConnect = {
      ...{ form: "client", clientId: null, consumer: null, acknowledges: false, hintsOnly: false, onGap: "refuse" },
      ...{ topics: [this.topic()], start: { after, from } },
      ...rest,
    };
    const connected = await openHub(env.STREAM_HUB, this, connect);
    if (!connected.ok) throw new Error(connected.error.reason);
    return connected.value;
  }
}

/** A client of a hub, with all that it was sent. */
export class HubClient {
  readonly socket: WebSocket;
  /** Where it began. */
  readonly cursor: string;
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(socket: WebSocket, cursor: string) {
    this.socket = socket;
    this.cursor = cursor;
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
    socket.addEventListener("message", ({ data }) => void this.frames.push(JSON.parse(data as string)));
    socket.accept();
  }

  get numbers(): number[] {
    return this.frames.map(({ data }) => data);
  }

  get lastCursor(): string {
    return this.frames.at(-1)?.cursor ?? this.cursor;
  }

  acknowledge(cursor = this.lastCursor): void {
    this.socket.send(JSON.stringify({ ack: cursor }));
  }

  async close(): Promise<void> {
    this.socket.close(1000);
    await this.closed;
  }
}

/** 1, 2 … n, or from another number on. */
export const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
