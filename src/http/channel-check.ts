import { err, ok, type Result } from "../kernel/result.ts";
import { listAddresses } from "../registry/topics.ts";
import { invalid } from "./body.ts";
import type { Problem } from "./problem.ts";

/** Channels that a body names must be the API's. null: all of them. */
export async function checkChannels(
  db: D1Database,
  apiId: string,
  channels: string[] | null,
): Promise<Result<string[] | null, Problem>> {
  if (channels === null) return ok(null);
  const known = new Set((await listAddresses(db, [apiId])).get(apiId)?.map((channel) => channel.address));
  const errors = channels.flatMap((address, i) =>
    known.has(address) ? [] : [{ path: `channels.${i}`, message: "the API has no such channel" }],
  );
  return errors.length > 0 ? err(invalid(...errors)) : ok(channels);
}

/** Whether these channels hold all of those. */
export function covers(granted: string[] | null, asked: string[] | null): boolean {
  if (granted === null) return true;
  return asked?.every((address) => granted.includes(address)) ?? false;
}
