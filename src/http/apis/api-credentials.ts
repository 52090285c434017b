import { z } from "zod";
import { err, ok } from "../../kernel/result.ts";
import { updateApi } from "../../registry/apis.ts";
import { countClients, listClients, revokeClient } from "../../registry/clients.ts";
import { pushTopics } from "../../registry/pushes.ts";
import { conflict, read, write } from "../call/call.ts";
import { anApi, anApiCredential } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { jsonBody, optionalBody } from "../call/request-body.ts";
import { checkChannels } from "../channel-check.ts";
import {
  CREDENTIALS_PER_OWNER_MAX,
  CredentialsFields,
  makeCredentials,
  NewCredentials,
  Overlap,
  Rotated,
  rotateCredentials,
  showCredentials,
} from "../credentials.ts";
import { toTime } from "../fields.ts";

const PublisherCredentials = CredentialsFields.extend({ clientId: z.string() });

const createCredentials = write({
  method: "post",
  path: "/v1/apis/{id}/credentials",
  tag: "APIs",
  summary: "Create credentials of a publisher; the secret is shown once",
  action: "credentials.create",
  names: anApi,
  status: 201,
  body: jsonBody(NewCredentials),
  answers: PublisherCredentials.extend({ clientSecret: z.string() }),
  handle: async ({ db, nowMs, named: api, body }) => {
    const channels = await checkChannels(db, api.id, body.channels ?? null);
    if (!channels.ok) return err(channels.error);
    const owner = { kind: "publisher", apiId: api.id } as const;
    if ((await countClients(db, owner)) >= CREDENTIALS_PER_OWNER_MAX) {
      return conflict(`An API has at most ${CREDENTIALS_PER_OWNER_MAX} credentials. Revoke some first.`);
    }
    const settings = { name: body.name, channels: channels.value };
    const { client, secret, insert } = await makeCredentials(db, owner, settings, nowMs);
    return ok({
      body: { clientId: client.id, clientSecret: secret, ...showCredentials(client) },
      writes: [insert],
      audit: { action: "credentials.create", subject: client.id, organizations: [api.organizationId] },
    });
  },
});

const listCredentials = read({
  path: "/v1/apis/{id}/credentials",
  tag: "APIs",
  summary: "List the credentials of an API's publishers",
  action: "credentials.list",
  names: anApi,
  query: PageQuery,
  answers: PageOf(PublisherCredentials),
  handle: async ({ db, named: api, query }) => {
    const page = await listClients(db, { kind: "publisher", apiId: api.id }, toPageRequest(query));
    return ok(toPage(page, (client) => ({ clientId: client.id, ...showCredentials(client) })));
  },
});

const rotateSecret = write({
  method: "post",
  path: "/v1/apis/{id}/credentials/{clientId}/rotate",
  tag: "APIs",
  summary: "Give credentials another secret, which is shown once; the one before goes on for a while",
  action: "credentials.rotate",
  names: anApiCredential,
  status: 200,
  body: optionalBody(Overlap),
  answers: Rotated.extend({ clientId: z.string(), clientSecret: z.string() }),
  handle: async ({ db, nowMs, named: api, params, body }) => {
    const owner = { kind: "publisher", apiId: api.id } as const;
    const previousExpiresMs = nowMs + body.overlapSeconds * 1000;
    const { secret, rotate } = await rotateCredentials(db, owner, params.clientId, previousExpiresMs);
    return ok({
      body: { clientId: params.clientId, clientSecret: secret, previousExpiresAt: toTime(previousExpiresMs) },
      writes: [rotate],
      audit: { action: "credentials.rotate", subject: params.clientId, organizations: [api.organizationId] },
    });
  },
});

const revokeCredentials = write({
  method: "delete",
  path: "/v1/apis/{id}/credentials/{clientId}",
  tag: "APIs",
  summary: "Revoke credentials of a publisher",
  action: "credentials.revoke",
  names: anApiCredential,
  status: 204,
  body: null,
  answers: z.null(),
  handle: async ({ db, nowMs, named: api, params, generation }) =>
    ok({
      body: null,
      // A new revision in the logs makes every isolate look again before it publishes for this API.
      writes: [
        revokeClient(db, params.clientId, nowMs),
        updateApi(db, { ...api, updatedMs: nowMs }),
        pushTopics(db, api.id, generation),
      ],
      audit: { action: "credentials.revoke", subject: params.clientId, organizations: [api.organizationId] },
    }),
});

export const apiCredentialRoutes = [createCredentials, listCredentials, rotateSecret, revokeCredentials];
