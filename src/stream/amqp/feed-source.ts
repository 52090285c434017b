import type { LiveEvent } from "../../domain/live.ts";
import { AMQP_POLL_MS_MAX } from "../../kernel/limits.ts";
import { amqpError } from "./errors.ts";
import type { EventSource, Leased, LeasedEvent, SettledEvent } from "./ports.ts";

type Waiting = { live: LiveEvent; state: "ready" | "out" | "done" };

/** What a feed needs of what it reads from: it is sent no more than so much ahead of what it has acknowledged. */
export type FeedPort = { ack(cursor: string): void; close(): void };

/**
 * A link's own reading of a channel: every event, whatever other consumers have taken. An event that is accepted or rejected is done
 * with; one that is released comes again, before any that the link has not seen. Where it is, the client keeps: the offset.
 */
export class FeedSource implements EventSource {
  /** In the order of the feed: what is not acknowledged yet. */
  readonly #waiting: Waiting[] = [];
  readonly #fromMs: number;
  readonly #port: FeedPort;
  #hear = (): void => {};
  #end: string | null = null;

  constructor(port: FeedPort, fromMs: number) {
    this.#port = port;
    this.#fromMs = fromMs;
  }

  take(live: LiveEvent): void {
    const state = live.acceptedMs < this.#fromMs ? "done" : "ready";
    this.#waiting.push({ live, state });
    if (state === "ready") this.#hear();
    else this.#acknowledge();
  }

  /** Nothing more will come. */
  finish(reason: string): void {
    this.#end = reason;
    this.#hear();
  }

  async lease(max: number): Promise<Leased> {
    const events = this.#waiting.filter(({ state }) => state === "ready").slice(0, max);
    for (const waiting of events) waiting.state = "out";
    if (events.length > 0) return { kind: "events", events: events.map(toLeased) };
    if (this.#end === null) return { kind: "nothing", retryMs: AMQP_POLL_MS_MAX };
    return { kind: "ended", error: amqpError("amqp:link:detach-forced", this.#end) };
  }

  async settle(events: SettledEvent[]): Promise<boolean> {
    const outcomes = new Map(events.map(({ leased, outcome }) => [leased.event.offset, outcome]));
    for (const [place, waiting] of this.#waiting.entries()) {
      const outcome = outcomes.get(waiting.live.cursor);
      if (outcome === undefined) continue;
      waiting.state = outcome === "released" ? "ready" : "done";
      if (outcome !== "delivered") this.#giveBackBehind(place, waiting.live);
    }
    this.#acknowledge();
    return true;
  }

  async renew(): Promise<void> {}

  onHint(call: () => void): void {
    this.#hear = call;
  }

  close(): void {
    this.#port.close();
  }

  /** As a log does it: where one is given back, so is what stands behind it in its key. */
  #giveBackBehind(place: number, { partitionKey }: LiveEvent): void {
    if (partitionKey === null) return;
    for (const waiting of this.#waiting.slice(place + 1)) {
      if (waiting.live.partitionKey === partitionKey && waiting.state === "out") waiting.state = "ready";
    }
  }

  #acknowledge(): void {
    const open = this.#waiting.findIndex(({ state }) => state !== "done");
    const done = this.#waiting.splice(0, open === -1 ? this.#waiting.length : open);
    const last = done.at(-1);
    if (last) this.#port.ack(last.live.cursor);
  }
}

function toLeased({ live }: Waiting): LeasedEvent {
  const { cursor, partitionKey, id, channel, dataOwnerId, acceptedMs, body } = live;
  return {
    ...{ log: "", slot: 0, leaseId: 0, attemptsBefore: 0 },
    key: partitionKey === null ? `#${cursor}` : `=${partitionKey}`,
    event: {
      ...{ id, channel, partitionKey, dataOwnerId, acceptedMs, body },
      ...{ contentType: "application/json", requestId: null, offset: cursor },
    },
  };
}
