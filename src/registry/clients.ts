import { z } from "zod";
import { jsonColumn, nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

/** Whose credentials they are: an API's, to publish, or an app's. */
export const ClientKind = z.enum(["publisher", "app"]);
export type ClientKind = z.infer<typeof ClientKind>;

/** What the token endpoint has to know of an OAuth client. */
export type ClientSecrets = {
  id: string;
  kind: ClientKind;
  secretDigest: string;
  /** Of the secret before it, while that is still good. */
  previousSecretDigest: string | null;
};

const ClientSecretsRow = z
  .object({ id: z.string(), kind: ClientKind, secret_digest: z.string(), previous: z.string().nullable() })
  .transform(
    (row): ClientSecrets => ({
      id: row.id,
      kind: row.kind,
      secretDigest: row.secret_digest,
      previousSecretDigest: row.previous,
    }),
  );

/** An OAuth client that is not revoked; null where there is none. */
export async function findClient(db: D1Database, clientId: string, nowMs: number): Promise<ClientSecrets | null> {
  const row = await db
    .prepare(
      `SELECT id, kind, secret_digest, CASE WHEN previous_expires_ms > ?2 THEN previous_secret_digest END AS previous
       FROM client WHERE id = ?1 AND revoked_ms IS NULL`,
    )
    .bind(clientId, nowMs)
    .first();
  return nullableRow(ClientSecretsRow, row);
}

/** Which of these clients were withdrawn, or never were. */
export async function listRevokedClients(db: D1Database, clientIds: readonly string[]): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT asked.value AS id FROM json_each(?) AS asked
       WHERE NOT EXISTS (SELECT 1 FROM client WHERE client.id = asked.value AND client.revoked_ms IS NULL)`,
    )
    .bind(JSON.stringify(clientIds))
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** An app's client, as calls of the app itself need it. */
export type AppClient = {
  clientId: string;
  appId: string;
  organizationId: string;
  /** The channels that these credentials are limited to, of whatever API; null: all. */
  channels: string[] | null;
};

const AppClientRow = z
  .object({
    id: z.string(),
    app_id: z.string(),
    organization_id: z.string(),
    channels: jsonColumn(z.array(z.string())).nullable(),
  })
  .transform(
    (row): AppClient => ({
      clientId: row.id,
      appId: row.app_id,
      organizationId: row.organization_id,
      channels: row.channels,
    }),
  );

/** The app behind an OAuth client; null where the client is unknown, revoked or a publisher's. */
export async function findAppClient(db: D1Database, clientId: string): Promise<AppClient | null> {
  const row = await db
    .prepare(
      `SELECT client.id, client.app_id, app.organization_id, client.channels FROM client JOIN app ON app.id = client.app_id
       WHERE client.id = ? AND client.revoked_ms IS NULL`,
    )
    .bind(clientId)
    .first();
  return nullableRow(AppClientRow, row);
}

/** Whose client it is: the API that publishes, or the app that subscribes. */
export type ClientOwner = { kind: "publisher"; apiId: string } | { kind: "app"; appId: string };

export type Client = { id: string; name: string; channels: string[] | null; createdMs: number };

const ClientRow = z
  .object({
    seq: z.number(),
    id: z.string(),
    name: z.string(),
    channels: jsonColumn(z.array(z.string())).nullable(),
    created_ms: z.number(),
  })
  .transform((row) => ({
    seq: row.seq,
    id: row.id,
    name: row.name,
    channels: row.channels,
    createdMs: row.created_ms,
  }));

/** The clients of an API or an app that are not revoked, newest first. */
export async function listClients(db: D1Database, owner: ClientOwner, page: PageRequest): Promise<Page<Client>> {
  const { results } = await db
    .prepare(
      `SELECT seq, id, name, channels, created_ms FROM client
       WHERE (api_id = ?1 OR app_id = ?1) AND revoked_ms IS NULL AND seq < ?2 ORDER BY seq DESC LIMIT ?3`,
    )
    .bind(ownerId(owner), page.before, page.limit + 1)
    .all();
  return readPage(ClientRow, results, page);
}

/** How many clients that are not revoked an API or an app has. */
export async function countClients(db: D1Database, owner: ClientOwner): Promise<number> {
  const count = await db
    .prepare("SELECT count(*) AS n FROM client WHERE (api_id = ?1 OR app_id = ?1) AND revoked_ms IS NULL")
    .bind(ownerId(owner))
    .first<number>("n");
  return count ?? 0;
}

/** Whether this client belongs to that API or app and is not revoked. */
export async function ownsClient(db: D1Database, owner: ClientOwner, clientId: string): Promise<boolean> {
  const row = await db
    .prepare("SELECT id FROM client WHERE id = ?2 AND (api_id = ?1 OR app_id = ?1) AND revoked_ms IS NULL")
    .bind(ownerId(owner), clientId)
    .first();
  return row !== null;
}

export function insertClient(
  db: D1Database,
  owner: ClientOwner,
  client: Client & { secretDigest: string },
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO client (id, kind, api_id, app_id, name, secret_digest, channels, created_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      client.id,
      owner.kind,
      owner.kind === "publisher" ? owner.apiId : null,
      owner.kind === "app" ? owner.appId : null,
      client.name,
      client.secretDigest,
      client.channels && JSON.stringify(client.channels),
      client.createdMs,
    );
}

/** Gives a client another secret; the one that it had goes on until `previousExpiresMs`, the one before that ends now. */
export function rotateClientSecret(
  db: D1Database,
  clientId: string,
  { secretDigest, previousExpiresMs }: { secretDigest: string; previousExpiresMs: number },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE client SET previous_secret_digest = secret_digest, previous_expires_ms = ?, secret_digest = ?
       WHERE id = ? AND revoked_ms IS NULL`,
    )
    .bind(previousExpiresMs, secretDigest, clientId);
}

export function revokeClient(db: D1Database, clientId: string, nowMs: number): D1PreparedStatement {
  return db.prepare("UPDATE client SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL").bind(nowMs, clientId);
}

const ownerId = (owner: ClientOwner): string => (owner.kind === "publisher" ? owner.apiId : owner.appId);

const OwnerRow = z
  .object({ kind: ClientKind, owner_id: z.string() })
  .transform((row) => ({ kind: row.kind, ownerId: row.owner_id }));

/** Whose credentials these are, of an API or of an app; null: they were revoked. */
export async function findClientOwner(
  db: D1Database,
  clientId: string,
): Promise<{ kind: ClientKind; ownerId: string } | null> {
  const row = await db
    .prepare("SELECT kind, coalesce(api_id, app_id) AS owner_id FROM client WHERE id = ? AND revoked_ms IS NULL")
    .bind(clientId)
    .first();
  return nullableRow(OwnerRow, row);
}
