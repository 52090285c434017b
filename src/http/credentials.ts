import { z } from "zod";
import { sha256 } from "../kernel/digest.ts";
import { newId, newToken } from "../kernel/ids.ts";
import type { Client, ClientOwner } from "../registry/clients.ts";
import { insertClient } from "../registry/clients.ts";
import { Channels, Name, toTime } from "./fields.ts";

/** Enough for every service of a publisher and its rotations. */
export const CREDENTIALS_PER_OWNER_MAX = 100;

export const NewCredentials = z.strictObject({ name: Name.default("default"), channels: Channels.nullish() });

export const CredentialsFields = z.object({
  name: z.string(),
  channels: z.array(z.string()).nullable(),
  createdAt: z.string(),
});

export const showCredentials = ({ name, channels, createdMs }: Client): z.infer<typeof CredentialsFields> => ({
  name,
  channels,
  createdAt: toTime(createdMs),
});

/** New client credentials: the secret to show once, and the row that keeps its digest only. */
export async function makeCredentials(
  db: D1Database,
  owner: ClientOwner,
  settings: { name: string; channels: string[] | null },
  nowMs: number,
): Promise<{ client: Client; secret: string; insert: D1PreparedStatement }> {
  const secret = newToken(owner.kind === "publisher" ? "ps_" : "as_");
  const client = { id: newId(), ...settings, createdMs: nowMs };
  return { client, secret, insert: insertClient(db, owner, { ...client, secretDigest: await sha256(secret) }) };
}
