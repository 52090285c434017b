import { z } from "zod";
import { err, ok, type Result } from "../../kernel/result.ts";
import { invalid } from "../body.ts";
import { checkChannels, covers } from "../channel-check.ts";
import { Channels, Time } from "../fields.ts";
import type { Problem } from "../problem.ts";

/** What a consent is for: null means every channel of the subscription, and no end. */
export const TermsRequest = z.strictObject({
  channels: Channels.nullable().default(null),
  expiresAt: Time.nullable().default(null),
});

/** What a grant may narrow; the rest is as it was asked for. */
export const NarrowerTerms = z.strictObject({
  channels: Channels.nullable().optional(),
  expiresAt: Time.nullable().optional(),
});

export type Terms = { channels: string[] | null; expiresMs: number | null };

export async function checkTerms(
  db: D1Database,
  apiId: string,
  asked: z.output<typeof TermsRequest>,
  nowMs: number,
): Promise<Result<Terms, Problem>> {
  if (asked.expiresAt !== null && asked.expiresAt <= nowMs) return MUST_BE_LATER;
  const channels = await checkChannels(db, apiId, asked.channels);
  return channels.ok ? ok({ channels: channels.value, expiresMs: asked.expiresAt }) : channels;
}

/** Terms that a data owner grants instead of those that it was asked for: no channel and no day more. */
export async function narrowTerms(
  db: D1Database,
  asked: Terms & { apiId: string },
  { channels = asked.channels, expiresAt = asked.expiresMs }: z.output<typeof NarrowerTerms>,
  nowMs: number,
): Promise<Result<Terms, Problem>> {
  if (asked.expiresMs !== null && (expiresAt === null || expiresAt > asked.expiresMs)) return NOT_THAT_LONG;
  if (!covers(asked.channels, channels)) return NOT_THAT_MUCH;
  // Channels that were asked for may be gone from the API by now: that is no fault of the grant.
  const named = channels === asked.channels ? null : channels;
  const checked = await checkTerms(db, asked.apiId, { channels: named, expiresAt }, nowMs);
  return checked.ok ? ok({ channels, expiresMs: expiresAt }) : checked;
}

export const isSame = (a: Terms, b: Terms): boolean =>
  covers(a.channels, b.channels) && covers(b.channels, a.channels) && a.expiresMs === b.expiresMs;

const MUST_BE_LATER = err(invalid({ path: "expiresAt", message: "must be in the future" }));
const NOT_THAT_LONG = err(invalid({ path: "expiresAt", message: "must not be later than what was asked for" }));
const NOT_THAT_MUCH = err(invalid({ path: "channels", message: "must be among those that were asked for" }));
