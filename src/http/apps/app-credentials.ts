import { z } from "zod";
import { ok } from "../../kernel/result.ts";
import { countClients, listClients, revokeClient } from "../../registry/clients.ts";
import { pushSubscriptionsOf } from "../../registry/pushes.ts";
import { reviseSubscriptionsOfApp } from "../../registry/subscriptions.ts";
import { conflict, read, write } from "../call/call.ts";
import { anApp, anAppCredential } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { jsonBody, optionalBody } from "../call/request-body.ts";
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

/** `id` is the API key, as everything else has an `id`. */
const AppCredentials = CredentialsFields.extend({ id: z.string(), apiKey: z.string() });

const createCredentials = write({
  method: "post",
  path: "/v1/apps/{id}/credentials",
  tag: "Apps",
  summary: "Create credentials of an app; the secret is shown once",
  action: "credentials.create",
  names: anApp,
  status: 201,
  body: jsonBody(NewCredentials),
  answers: AppCredentials.extend({ apiSecret: z.string() }),
  handle: async ({ db, nowMs, named: app, body }) => {
    const owner = { kind: "app", appId: app.id } as const;
    if ((await countClients(db, owner)) >= CREDENTIALS_PER_OWNER_MAX) {
      return conflict(`An app has at most ${CREDENTIALS_PER_OWNER_MAX} credentials. Revoke some first.`);
    }
    const settings = { name: body.name, channels: body.channels ?? null };
    const { client, secret, insert } = await makeCredentials(db, owner, settings, nowMs);
    return ok({
      body: { id: client.id, apiKey: client.id, apiSecret: secret, ...showCredentials(client) },
      writes: [insert],
      audit: { action: "credentials.create", subject: client.id, organizations: [app.organizationId] },
    });
  },
});

const listCredentials = read({
  path: "/v1/apps/{id}/credentials",
  tag: "Apps",
  summary: "List the credentials of an app",
  action: "credentials.list",
  names: anApp,
  query: PageQuery,
  answers: PageOf(AppCredentials),
  handle: async ({ db, named: app, query }) => {
    const page = await listClients(db, { kind: "app", appId: app.id }, toPageRequest(query));
    return ok(toPage(page, (client) => ({ id: client.id, apiKey: client.id, ...showCredentials(client) })));
  },
});

const rotateSecret = write({
  method: "post",
  path: "/v1/apps/{id}/credentials/{clientId}/rotate",
  tag: "Apps",
  summary: "Give credentials another secret, which is shown once; the one before goes on for a while",
  action: "credentials.rotate",
  names: anAppCredential,
  status: 200,
  body: optionalBody(Overlap),
  answers: Rotated.extend({ id: z.string(), apiKey: z.string(), apiSecret: z.string() }),
  handle: async ({ db, nowMs, named: app, params, body }) => {
    const owner = { kind: "app", appId: app.id } as const;
    const previousExpiresMs = nowMs + body.overlapSeconds * 1000;
    const { secret, rotate } = await rotateCredentials(db, owner, params.clientId, previousExpiresMs);
    return ok({
      body: {
        id: params.clientId,
        apiKey: params.clientId,
        apiSecret: secret,
        previousExpiresAt: toTime(previousExpiresMs),
      },
      writes: [rotate],
      audit: { action: "credentials.rotate", subject: params.clientId, organizations: [app.organizationId] },
    });
  },
});

const revokeCredentials = write({
  method: "delete",
  path: "/v1/apps/{id}/credentials/{clientId}",
  tag: "Apps",
  summary: "Revoke credentials of an app",
  action: "credentials.revoke",
  names: anAppCredential,
  status: 204,
  body: null,
  answers: z.null(),
  handle: async ({ db, nowMs, named: app, params, generation }) =>
    ok({
      body: null,
      writes: [
        revokeClient(db, params.clientId, nowMs),
        // Deliveries name an API key of the app: it may have been this one.
        reviseSubscriptionsOfApp(db, app.id, nowMs),
        pushSubscriptionsOf(db, { appId: app.id }, generation),
      ],
      audit: { action: "credentials.revoke", subject: params.clientId, organizations: [app.organizationId] },
    }),
});

export const appCredentialRoutes = [createCredentials, listCredentials, rotateSecret, revokeCredentials];
