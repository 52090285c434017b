import { type Receiver, startReceiver } from "./receivers.ts";

/** What a numbered event carries: the `n`-th of its key, from 0 on. */
export type Numbered = { key: string; n: number };

/** A webhook that watches the order in which events of a key are attempted. */
export type OrderReceiver = Receiver & {
  /** How many different events of a key have been answered 2xx. */
  delivered(key: string): number;
  /** How many different events have been answered 2xx. */
  deliveredInAll(): number;
  attempts(): number;
  failures(): number;
  /** How many attempts at what had been answered 2xx before were answered so again. */
  repeats(): number;
  /** What was seen that must not be: an attempt before its predecessors were delivered, or two of a key at the same time. */
  violations: string[];
  /** When the last new event was answered 2xx. */
  lastDeliveredMs(): number;
};

type Options = { statusOf?: (event: Numbered) => number; afterMs?: number };

export async function startOrderReceiver({ statusOf = () => 204, afterMs = 0 }: Options = {}): Promise<OrderReceiver> {
  const delivered = new Map<string, number>();
  const inFlight = new Map<string, number>();
  const violations: string[] = [];
  let attempts = 0;
  let failures = 0;
  let repeats = 0;
  let lastDeliveredMs = 0;
  const receiver = await startReceiver((response, { body }) => {
    const event = JSON.parse(body.toString()) as Numbered;
    const { key, n } = event;
    attempts++;
    const next = delivered.get(key) ?? 0;
    if (n > next) violations.push(`${key}: ${n} was attempted while ${next} was not delivered`);
    const other = inFlight.get(key);
    if (other !== undefined) violations.push(`${key}: ${n} was attempted while ${other} was not answered`);
    inFlight.set(key, n);
    const end = () => inFlight.delete(key);
    response.once("close", end);
    const answer = () => {
      if (response.destroyed) return;
      const status = statusOf(event);
      end();
      response.off("close", end);
      if (status >= 300) failures++;
      else if (n === (delivered.get(key) ?? 0)) {
        delivered.set(key, n + 1);
        lastDeliveredMs = Date.now();
      } else repeats++;
      response.writeHead(status).end();
    };
    if (afterMs > 0) setTimeout(answer, afterMs);
    else answer();
  });
  return {
    ...receiver,
    delivered: (key) => delivered.get(key) ?? 0,
    deliveredInAll: () => [...delivered.values()].reduce((sum, count) => sum + count, 0),
    attempts: () => attempts,
    failures: () => failures,
    repeats: () => repeats,
    violations,
    lastDeliveredMs: () => lastDeliveredMs,
  };
}

type Plan = { keys: number; perKey: number; publishers: number };

/** Publishes numbered events with so many publishers at a time; each awaits an event of a key before the next one of it. */
export async function publishNumbered(
  { keys, perKey, publishers }: Plan,
  publish: (event: Numbered) => Promise<unknown>,
): Promise<void> {
  const waiting = Array.from({ length: keys }, (_, i): Numbered => ({ key: `key-${i}`, n: 0 }));
  const work = async (): Promise<void> => {
    for (let event = waiting.shift(); event; event = waiting.shift()) {
      await publish(event);
      if (event.n + 1 < perKey) waiting.push({ key: event.key, n: event.n + 1 });
    }
  };
  await Promise.all(Array.from({ length: publishers }, work));
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
