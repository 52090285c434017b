import { z } from "zod";
import { newId } from "../../kernel/ids.ts";
import { ok } from "../../kernel/result.ts";
import { type App, deleteApp, insertApp, listApps, updateApp } from "../../registry/apps.ts";
import { pushSubscriptions } from "../../registry/pushes.ts";
import { read, write } from "../call/call.ts";
import { anApp } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { onlyAppOf } from "../call/permissions.ts";
import { jsonBody } from "../call/request-body.ts";
import { makeCredentials } from "../credentials/credentials.ts";
import { Line, Name, Text, toTime } from "../fields.ts";

const WEBSITE_CHARS_MAX = 2_048;

/** A link that a page may show: nothing but the web. */
const Website = Line(WEBSITE_CHARS_MAX).refine(
  (text) => /^https?:\/\//i.test(text) && URL.canParse(text),
  "must be an http or https URL",
);

const AppView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  website: z.string().nullable(),
  /** Whether data owners find it in the directory, with the APIs that it has subscribed to and that ask for consent. */
  listed: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const showApp = (app: App): z.infer<typeof AppView> => ({
  id: app.id,
  name: app.name,
  description: app.description,
  website: app.website,
  listed: app.isListed,
  createdAt: toTime(app.createdMs),
  updatedAt: toTime(app.updatedMs),
});

const createApp = write({
  method: "post",
  path: "/v1/apps",
  tag: "Apps",
  summary: "Create an app; its API secret is shown once",
  action: "app.create",
  status: 201,
  body: jsonBody(
    z.strictObject({
      name: Name,
      description: Text.nullable().default(null),
      website: Website.nullable().default(null),
      listed: z.boolean().default(false),
    }),
  ),
  answers: AppView.extend({ apiKey: z.string(), apiSecret: z.string() }),
  handle: async ({ db, caller, nowMs, body }) => {
    const app: App = {
      id: newId(),
      organizationId: caller.organizationId,
      name: body.name,
      description: body.description,
      website: body.website,
      isListed: body.listed,
      createdMs: nowMs,
      updatedMs: nowMs,
    };
    const owner = { kind: "app", appId: app.id } as const;
    const { client, secret, insert } = await makeCredentials(db, owner, { name: "default", channels: null }, nowMs);
    return ok({
      body: { ...showApp(app), apiKey: client.id, apiSecret: secret },
      writes: [insertApp(db, app), insert],
      audit: { action: "app.create", subject: app.id, organizations: [app.organizationId] },
    });
  },
});

const listOwnApps = read({
  path: "/v1/apps",
  tag: "Apps",
  summary: "List the organization's apps",
  action: "app.list",
  query: PageQuery,
  answers: PageOf(AppView),
  handle: async ({ db, caller, query }) => {
    const asked = { organizationId: caller.organizationId, onlyId: onlyAppOf(caller) };
    return ok(toPage(await listApps(db, asked, toPageRequest(query)), showApp));
  },
});

const readApp = read({
  path: "/v1/apps/{id}",
  tag: "Apps",
  summary: "Read an app",
  action: "app.read",
  names: anApp,
  answers: AppView,
  handle: async ({ named: app }) => ok(showApp(app)),
});

const patchApp = write({
  method: "patch",
  path: "/v1/apps/{id}",
  tag: "Apps",
  summary: "Change an app",
  action: "app.update",
  names: anApp,
  status: 200,
  body: jsonBody(
    z.strictObject({
      name: Name.optional(),
      description: Text.nullable().optional(),
      website: Website.nullable().optional(),
      listed: z.boolean().optional(),
    }),
  ),
  answers: AppView,
  handle: async ({ db, nowMs, named: app, body }) => {
    const next: App = {
      ...app,
      name: body.name ?? app.name,
      description: body.description === undefined ? app.description : body.description,
      website: body.website === undefined ? app.website : body.website,
      isListed: body.listed ?? app.isListed,
      updatedMs: nowMs,
    };
    return ok({
      body: showApp(next),
      writes: [updateApp(db, next)],
      audit: { action: "app.update", subject: app.id, organizations: [app.organizationId] },
    });
  },
});

const removeApp = write({
  method: "delete",
  path: "/v1/apps/{id}",
  tag: "Apps",
  summary: "Delete an app with its credentials and subscriptions",
  action: "app.delete",
  names: anApp,
  status: 204,
  body: null,
  answers: z.null(),
  handle: async ({ db, named: app, generation }) =>
    ok({
      body: null,
      writes: [pushSubscriptions(db, { appId: app.id }, generation), deleteApp(db, app.id)],
      audit: { action: "app.delete", subject: app.id, organizations: [app.organizationId] },
    }),
});

export const appRoutes = [createApp, listOwnApps, readApp, patchApp, removeApp];
