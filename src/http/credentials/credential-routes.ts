import { z } from "zod";
import { err, ok, type Result } from "../../kernel/result.ts";
import { type Client, type ClientOwner, countClients, listClients, revokeClient } from "../../registry/clients.ts";
import { conflict, type Route, read, write } from "../call/call.ts";
import type { Named } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { jsonBody, optionalBody } from "../call/request-body.ts";
import { Channels, Name, toTime } from "../fields.ts";
import type { Problem } from "../problem.ts";
import { makeCredentials, Overlap, Rotated, rotateCredentials } from "./credentials.ts";

/** Enough for every service of an owner and its rotations. */
const CREDENTIALS_PER_OWNER_MAX = 100;

type Thing = { id: string; organizationId: string };

/** Who has credentials, and how they differ: an API for its publishers, an app. */
export type Owner<T extends Thing> = {
  path: "/v1/apis" | "/v1/apps";
  tag: string;
  /** In sentences: "of a publisher". */
  whose: string;
  one: Named<"id", T>;
  /** Finds the owner by one of its credentials. */
  credential: Named<"id" | "clientId", T>;
  clientOwner(thing: T): ClientOwner;
  /** By which names the owner's people know the client's id and its secret. */
  idNames: readonly string[];
  secretName: string;
  readChannels(db: D1Database, thing: T, channels: string[] | null): Promise<Result<string[] | null, Problem>>;
  /** What has to hear of it when credentials are gone. */
  tellRevoked(db: D1Database, thing: T, nowMs: number, generation: string): D1PreparedStatement[];
};

const NewCredentials = z.strictObject({ name: Name.default("default"), channels: Channels.nullish() });

const CredentialsFields = z.object({
  name: z.string(),
  channels: z.array(z.string()).nullable(),
  createdAt: z.string(),
});

const showFields = ({ name, channels, createdMs }: Client): z.infer<typeof CredentialsFields> => ({
  name,
  channels,
  createdAt: toTime(createdMs),
});

/** Whose member names differ from owner to owner. */
type Shown = z.ZodType<Record<string, unknown>>;

const textFields = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, z.string()]));

/** The calls by which credentials are made, listed, rotated and revoked. */
export function credentialRoutes<T extends Thing>(owner: Owner<T>): Route[] {
  const { path, tag, whose, one, credential, clientOwner, idNames, secretName } = owner;
  const showId = (clientId: string) => Object.fromEntries(idNames.map((name) => [name, clientId]));
  const audit = (action: "credentials.create" | "credentials.rotate" | "credentials.revoke", id: string, thing: T) => ({
    action,
    subject: id,
    organizations: [thing.organizationId],
  });

  const create = write({
    method: "post",
    path: `${path}/{id}/credentials`,
    tag,
    summary: `Create credentials ${whose}; the secret is shown once`,
    action: "credentials.create",
    names: one,
    status: 201,
    body: jsonBody(NewCredentials),
    answers: CredentialsFields.extend(textFields([...idNames, secretName])) as Shown,
    handle: async ({ db, nowMs, named, body }) => {
      const channels = await owner.readChannels(db, named, body.channels ?? null);
      if (!channels.ok) return err(channels.error);
      if ((await countClients(db, clientOwner(named))) >= CREDENTIALS_PER_OWNER_MAX) {
        return conflict(`There are at most ${CREDENTIALS_PER_OWNER_MAX} credentials. Revoke some first.`);
      }
      const settings = { name: body.name, channels: channels.value };
      const { client, secret, insert } = await makeCredentials(db, clientOwner(named), settings, nowMs);
      return ok({
        body: { ...showId(client.id), [secretName]: secret, ...showFields(client) },
        writes: [insert],
        audit: audit("credentials.create", client.id, named),
      });
    },
  });

  const list = read({
    path: `${path}/{id}/credentials`,
    tag,
    summary: `List the credentials ${whose}`,
    action: "credentials.list",
    names: one,
    query: PageQuery,
    answers: PageOf(CredentialsFields.extend(textFields(idNames)) as Shown),
    handle: async ({ db, named, query }) => {
      const page = await listClients(db, clientOwner(named), toPageRequest(query));
      return ok(toPage(page, (client) => ({ ...showId(client.id), ...showFields(client) })));
    },
  });

  const rotate = write({
    method: "post",
    path: `${path}/{id}/credentials/{clientId}/rotate`,
    tag,
    summary: `Give credentials ${whose} another secret, which is shown once; the one before goes on for a while`,
    action: "credentials.rotate",
    names: credential,
    status: 200,
    body: optionalBody(Overlap),
    answers: Rotated.extend(textFields([...idNames, secretName])) as Shown,
    handle: async ({ db, nowMs, named, params: { clientId }, body }) => {
      const previousExpiresMs = nowMs + body.overlapSeconds * 1000;
      const rotated = await rotateCredentials(db, clientOwner(named), clientId, previousExpiresMs);
      return ok({
        body: { ...showId(clientId), [secretName]: rotated.secret, previousExpiresAt: toTime(previousExpiresMs) },
        writes: [rotated.rotate],
        audit: audit("credentials.rotate", clientId, named),
      });
    },
  });

  const revoke = write({
    method: "delete",
    path: `${path}/{id}/credentials/{clientId}`,
    tag,
    summary: `Revoke credentials ${whose}`,
    action: "credentials.revoke",
    names: credential,
    status: 204,
    body: null,
    answers: z.null(),
    handle: async ({ db, nowMs, named, params: { clientId }, generation }) =>
      ok({
        body: null,
        writes: [revokeClient(db, clientId, nowMs), ...owner.tellRevoked(db, named, nowMs, generation)],
        audit: audit("credentials.revoke", clientId, named),
      }),
  });

  return [create, list, rotate, revoke];
}
