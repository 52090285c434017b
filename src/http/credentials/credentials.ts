import { z } from "zod";
import { sha256 } from "../../kernel/digest.ts";
import { newId, newToken } from "../../kernel/ids.ts";
import { OVERLAP_SECONDS_DEFAULT, OVERLAP_SECONDS_MAX } from "../../kernel/limits.ts";
import type { Client, ClientOwner } from "../../registry/clients.ts";
import { insertClient, rotateClientSecret } from "../../registry/clients.ts";

/** How long the secret before goes on beside the new one; 0: not at all. */
export const Overlap = z.strictObject({
  overlapSeconds: z.number().int().min(0).max(OVERLAP_SECONDS_MAX).default(OVERLAP_SECONDS_DEFAULT),
});

/** Until when the secret before is good. */
export const Rotated = z.object({ previousExpiresAt: z.string() });

/** Another secret for a client: to show once, and the write that keeps its digest only. */
export async function rotateCredentials(
  db: D1Database,
  owner: ClientOwner,
  clientId: string,
  previousExpiresMs: number,
): Promise<{ secret: string; rotate: D1PreparedStatement }> {
  const secret = newSecret(owner);
  const secretDigest = await sha256(secret);
  return { secret, rotate: rotateClientSecret(db, clientId, { secretDigest, previousExpiresMs }) };
}

/** New client credentials: the secret to show once, and the row that keeps its digest only. */
export async function makeCredentials(
  db: D1Database,
  owner: ClientOwner,
  settings: { name: string; channels: string[] | null },
  nowMs: number,
): Promise<{ client: Client; secret: string; insert: D1PreparedStatement }> {
  const secret = newSecret(owner);
  const client = { id: newId(), ...settings, createdMs: nowMs };
  return { client, secret, insert: insertClient(db, owner, { ...client, secretDigest: await sha256(secret) }) };
}

const newSecret = (owner: ClientOwner): string => newToken(owner.kind === "publisher" ? "ps_" : "as_");
