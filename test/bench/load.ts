import { Histogram } from "./histogram.ts";
import { HttpConnection } from "./http-connection.ts";
import { nowMs, type SharedProgress } from "./receiver-protocol.ts";

/** Where events are sent: a URL, the headers all of them carry, and how many connections send one after the other. */
export type Publishing = {
  url: URL;
  headers: Record<string, string>;
  publishers: number;
  /** 0: events without a key. */
  keys: number;
  /** How many events of a key a publisher sends one after the other, as the steps of one order come: who loses their order is found out. */
  eventsInARow: number;
  /** How long a publisher rests between two events. */
  paceMs: number;
};

export type Published = { events: number; refused: number; seconds: number; latencies: Histogram; startMs: number };

/** A customary event: a few hundred bytes of JSON. */
const FILLER = "A technician has finished this step; the customer is told by the app of their choice. ".repeat(3);

/**
 * Sends the events from `first` on, up to but without `end`, each publisher one at a time. A key belongs to one publisher, so that
 * the order in which its events were accepted is known.
 */
export async function publishEvents(
  publishing: Publishing,
  progress: SharedProgress,
  first: number,
  end: number,
): Promise<Published> {
  const { url, publishers, paceMs } = publishing;
  const connections = await Promise.all(Array.from({ length: publishers }, () => HttpConnection.open(url)));
  const published: Published = {
    events: end - first,
    refused: 0,
    seconds: 0,
    latencies: new Histogram(),
    startMs: nowMs(),
  };
  let next = first;
  const publish = async (connection: HttpConnection, publisher: number): Promise<void> => {
    for (let turn = 0; next < end; turn++) {
      const n = next++;
      const key = keyOf(publishing, publisher, turn + first);
      const { head, body } = requestOf(publishing, n, key);
      const sentMs = nowMs();
      progress.sentMs[n] = sentMs;
      const { status } = await connection.post(head, body);
      published.latencies.add(nowMs() - sentMs);
      if (status !== 200) published.refused++;
      if (paceMs > 0) await new Promise((resolve) => setTimeout(resolve, paceMs));
    }
  };
  try {
    await Promise.all(connections.map(publish));
  } finally {
    for (const connection of connections) connection.close();
  }
  published.seconds = (nowMs() - published.startMs) / 1000;
  return published;
}

/** The publishers share the keys out: publisher p has p, p + publishers, …; -1 for none. */
function keyOf({ keys, publishers, eventsInARow }: Publishing, publisher: number, turn: number): number {
  if (keys === 0) return -1;
  const own = Math.floor((keys - 1 - publisher) / publishers) + 1;
  return publisher + (Math.floor(turn / eventsInARow) % own) * publishers;
}

export function requestOf({ url, headers }: Publishing, n: number, key: number): { head: string; body: string } {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (key >= 0) lines.push(`Partition-Key: key-${key}\r\n`);
  const head = `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\n${lines.join("")}`;
  return { head, body: JSON.stringify({ n, key, remark: FILLER }) };
}
