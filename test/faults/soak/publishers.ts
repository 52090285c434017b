import { Publisher, type RegisteredApi } from "../../../src/dev/relay-client.ts";
import type { Numbered } from "../../support/order-receiver.ts";
import { sleep } from "./wrangler-dev.ts";

const KEYS_PER_CHANNEL = 20;
const PUBLISHERS = 6;
const PAUSE_MS = 250; // of each publisher, between two events
const AGAIN_MS = 500;
const PUBLISH_MS_MAX = 20_000;

/** What has been acknowledged: how many events of each key, and how many publishes had to be made again for it. */
export type Published = { counts: Map<string, number>; repeats: number };

/**
 * Publishes numbered events until it is told to end, and repeats each with the same idempotency key until it is acknowledged:
 * whatever becomes of the relay meanwhile, an event is there once.
 */
export async function publishUntil(
  isOver: () => boolean,
  {
    origin,
    api,
    channels,
    published,
  }: { origin: string; api: RegisteredApi; channels: string[]; published: Published },
): Promise<void> {
  const keys = channels.flatMap((channel) =>
    Array.from({ length: KEYS_PER_CHANNEL }, (_, i) => ({ channel, key: `${channel}/key-${i}`, n: 0 })),
  );
  let login: Promise<Publisher> | null = null;
  const publishOne = async (channel: string, event: Numbered): Promise<void> => {
    login ??= Publisher.login(origin, api.credentials);
    const headers = { partitionKey: event.key, "Idempotency-Key": `${event.key}/${event.n}` };
    try {
      const publisher = await login;
      await withTimeout(publisher.publish(channel, event, headers));
    } catch (error) {
      login = null;
      throw error;
    }
  };
  const work = async (): Promise<void> => {
    for (let next = keys.shift(); next && !isOver(); next = keys.shift()) {
      const { channel, ...event } = next;
      while (
        !(await publishOne(channel, event).then(
          () => true,
          () => false,
        ))
      ) {
        published.repeats++;
        await sleep(AGAIN_MS);
      }
      published.counts.set(event.key, event.n + 1);
      keys.push({ ...next, n: event.n + 1 });
      await sleep(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, work));
}

const withTimeout = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([work, sleep(PUBLISH_MS_MAX).then(() => Promise.reject(new Error("no answer in time")))]);
