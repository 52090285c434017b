/** A line of an export or a snapshot that is an event. */
export type EventLine = {
  cursor?: string;
  id: string;
  channel: string;
  partitionKey: string | null;
  dataOwnerId: string | null;
  acceptedAt: string;
  contentType: string;
  data: unknown;
};

/** What was sent whole: its events, and where to go on. */
export type Lines = { events: EventLine[]; end: { cursor: string; more?: boolean } };

/** Reads an export or a snapshot. Throws where it was refused, cut, or has no end. */
export async function readLines(url: string, token: string): Promise<Lines> {
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the last line has no end");
  const values = lines.map((line) => JSON.parse(line));
  const end = values.pop();
  if (end === undefined || "id" in end || values.some((value) => !("id" in value))) throw new Error(`no end: ${text}`);
  return { events: values, end };
}

/** The last event of each key, as its id, by `channel key`. */
export function lastOfKeys(events: Pick<EventLine, "id" | "channel" | "partitionKey">[]): Map<string, string> {
  const keyed = events.filter(({ partitionKey }) => partitionKey !== null);
  return new Map(keyed.map(({ id, channel, partitionKey }) => [`${channel} ${partitionKey}`, id]));
}

/** Ids by key, each in order. */
export function idsByKey(events: Pick<EventLine, "id" | "partitionKey">[]): Record<string, string[]> {
  const groups = Map.groupBy(events, ({ partitionKey }) => partitionKey ?? "");
  return Object.fromEntries([...groups].sort().map(([key, group]) => [key, group.map(({ id }) => id)]));
}
