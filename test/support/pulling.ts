import { readEventId } from "../../src/kernel/ids.ts";
import type { Numbered } from "./order-receiver.ts";
import { fetchToken, type Scene, type TestRelay } from "./relay.ts";

/** An event as a consumer fetches it. */
export type Pulled = {
  id: string;
  partitionKey: string | null;
  attempt: number;
  leaseExpiresAt: string;
  data: Numbered;
};

export type Ack = { eventIds?: string[]; failed?: string[]; released?: string[] };

/** A consumer that fetches events over HTTP with the app's access token. */
export type PullConsumer = {
  pull(query?: { max?: number; leaseSeconds?: number }): Promise<Pulled[]>;
  ack(ack: Ack): Promise<{ settled: string[]; unknown: string[] }>;
};

export async function startPulling(
  { origin }: Pick<TestRelay, "origin">,
  { app }: Pick<Scene, "app">,
  subscriptionId: string,
): Promise<PullConsumer> {
  const token = await fetchToken(origin, { clientId: app.apiKey, clientSecret: app.apiSecret });
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const call = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const answer = await fetch(`${origin}/v1/subscriptions/${subscriptionId}/${path}`, { headers, ...init });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    pull: async ({ max = 10, leaseSeconds = 30 } = {}) =>
      (await call<{ events: Pulled[] }>(`events?max=${max}&leaseSeconds=${leaseSeconds}`)).events,
    ack: (ack) => call("ack", { method: "POST", body: JSON.stringify(ack) }),
  };
}

/** Watches over the order in which consumers of one subscription get the events of each key, whoever gets them. */
export class PullOrder {
  readonly violations: string[] = [];
  /** Those that events came from. */
  readonly shards = new Set<number>();
  readonly #done = new Map<string, number>();

  /** What one answer holds: each key goes on where it is done with, without a gap. */
  got(events: Pulled[]): void {
    const next = new Map<string, number>();
    for (const { id, data } of events) {
      this.shards.add(readEventId(id).hint.shard);
      const expected = next.get(data.key) ?? this.#done.get(data.key) ?? 0;
      if (data.n > expected) this.violations.push(`${data.key}: ${data.n} came while ${expected} was not done with`);
      next.set(data.key, data.n + 1);
    }
  }

  /** They were settled as delivered. */
  done(events: Pulled[]): void {
    for (const { data } of events) this.#done.set(data.key, Math.max(this.#done.get(data.key) ?? 0, data.n + 1));
  }

  doneInAll(): number {
    return [...this.#done.values()].reduce((sum, n) => sum + n, 0);
  }
}
