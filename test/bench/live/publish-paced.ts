import { HttpConnection } from "../http-connection.ts";
import { type Publishing, requestOf } from "../load.ts";
import { nowMs, type SharedProgress } from "../receiver-protocol.ts";
import type { RelayTopic } from "../relay-topic.ts";

const ARRIVAL_POLL_MS = 2;
const STALLED_MS_MAX = 15_000;
const PAUSE_MS = 25; // between two events that are measured one by one: what the last one has left behind is over

type Paced = { topic: RelayTopic; progress: SharedProgress; listeners: number; events: number };

/** Publishes one event at a time, each when the one before has come to everybody. Answers how long each took to be accepted. */
export async function publishOneByOne({ topic, progress, listeners, events }: Paced): Promise<number[]> {
  const connection = await HttpConnection.open(topic.url);
  const acceptMs: number[] = [];
  try {
    for (let n = 0; n < events; n++) {
      await publish(connection, topic, progress, n, 0);
      acceptMs.push(nowMs() - (progress.sentMs[n] ?? Number.NaN));
      await untilArrived(progress, listeners * (n + 1));
      await sleep(PAUSE_MS);
    }
  } finally {
    connection.close();
  }
  return acceptMs;
}

/**
 * Publishes so many events a second, or as many as are taken. Each publisher has a key of its own and sends one event after the other,
 * so that the order in which they were accepted is known. Answers how long it took.
 */
export async function publishAtRate(
  { topic, progress, listeners, events }: Paced,
  { perSecond, publishers }: { perSecond: number; publishers: number },
): Promise<{ seconds: number }> {
  const connections = await Promise.all(Array.from({ length: publishers }, () => HttpConnection.open(topic.url)));
  const startMs = nowMs();
  let next = 0;
  const publishOn = async (connection: HttpConnection, key: number): Promise<void> => {
    while (next < events) {
      const n = next++;
      await sleep(startMs + (n * 1000) / perSecond - nowMs());
      await publish(connection, topic, progress, n, key);
    }
  };
  try {
    await Promise.all(connections.map(publishOn));
  } finally {
    for (const connection of connections) connection.close();
  }
  const seconds = (nowMs() - startMs) / 1000;
  await untilArrived(progress, listeners * events);
  return { seconds };
}

async function publish(
  connection: HttpConnection,
  topic: RelayTopic,
  progress: SharedProgress,
  n: number,
  key: number,
): Promise<void> {
  const publishing: Publishing = { ...topic, publishers: 1, keys: 1, eventsInARow: 1, paceMs: 0 };
  const { head, body } = requestOf(publishing, n, key);
  progress.sentMs[n] = nowMs();
  const { status } = await connection.post(head, body);
  if (status !== 200) throw new Error(`event ${n} was answered with ${status}`);
}

/** Waits until everything has arrived, or until nothing has for so long that nothing will. */
async function untilArrived(progress: SharedProgress, deliveries: number): Promise<void> {
  let arrived = -1;
  let stalledSinceMs = nowMs();
  while (progress.arrived < deliveries) {
    if (progress.arrived > arrived) stalledSinceMs = nowMs();
    else if (nowMs() - stalledSinceMs > STALLED_MS_MAX) return;
    arrived = progress.arrived;
    await sleep(ARRIVAL_POLL_MS);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
