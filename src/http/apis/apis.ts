import { z } from "zod";
import { LOGS_PER_API_MAX, SHARDS_MAX } from "../../kernel/limits.ts";
import { ok } from "../../kernel/result.ts";
import {
  Access,
  type Api,
  type ApiSettings,
  Approval,
  deleteApi,
  listApis,
  Region,
  updateApi,
  Validation,
  Visibility,
} from "../../registry/apis.ts";
import { pushSubscriptions, pushTopics, tellSubscribers } from "../../registry/pushes.ts";
import { listSubscribers } from "../../registry/subscriptions.ts";
import { countTopicsWith, listAddresses, listTopics, spreadTopics } from "../../registry/topics.ts";
import { conflict, read, write } from "../call/call.ts";
import { anApi } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { jsonBody } from "../call/request-body.ts";
import { Text } from "../fields.ts";
import { SubscriberView, showSubscriber } from "../subscriptions/subscription-view.ts";
import { ApiSummary, ApiView, showApi, showApiFields, tooManyLogs } from "./api-view.ts";

const RETENTION_DAYS_MAX = 3650;
const Days = z.number().int().min(1).max(RETENTION_DAYS_MAX);

/** PATCH takes any of these, and keeps the rest. */
const Shards = z
  .number()
  .int()
  .refine((n) => n >= 1 && n <= SHARDS_MAX && Number.isInteger(Math.log2(n)), {
    message: `A power of two, ${SHARDS_MAX} at most`,
  })
  .meta({ description: "Over how many logs each channel is spread, by partition key: 1, 2, 4, … It can only grow." });

const ApiPatch = z.strictObject({
  visibility: Visibility.optional(),
  access: Access.optional(),
  approval: Approval.optional(),
  validation: Validation.optional(),
  retentionDays: Days.optional(),
  maxUndeliveredDays: Days.nullable().optional(),
  shards: Shards.optional(),
  region: Region.nullable().optional(),
  documentation: Text.nullable().optional(),
  support: Text.nullable().optional(),
  pricing: Text.nullable().optional(),
  terms: Text.nullable().optional(),
});

const listOwnApis = read({
  path: "/v1/apis",
  tag: "APIs",
  summary: "List the organization's APIs",
  action: "api.list",
  query: PageQuery,
  answers: PageOf(ApiSummary),
  handle: async ({ db, caller, query }) => {
    const page = await listApis(db, caller.organizationId, toPageRequest(query));
    const channels = await listAddresses(
      db,
      page.rows.map((api) => api.id),
    );
    return ok(toPage(page, (api) => ({ ...showApiFields(api), channels: channels.get(api.id) ?? [] })));
  },
});

const readApi = read({
  path: "/v1/apis/{id}",
  tag: "APIs",
  summary: "Read an API with its channels and their message schemas",
  action: "api.read",
  names: anApi,
  answers: ApiView,
  handle: async ({ db, named: api }) => ok(showApi(api, await listTopics(db, api.id))),
});

const patchApi = write({
  method: "patch",
  path: "/v1/apis/{id}",
  tag: "APIs",
  summary: "Change an API's settings",
  action: "api.update",
  names: anApi,
  status: 200,
  body: jsonBody(ApiPatch),
  answers: ApiView,
  handle: async ({ db, nowMs, named: api, body, generation }) => {
    const next: Api = { ...api, ...mergeSettings(api, body), updatedMs: nowMs };
    if (next.shards < api.shards) return conflict(`The API has ${api.shards} shards, and shards only grow.`);
    if (next.shards > api.shards && (await countTopicsWith(db, api.id, [])) * next.shards > LOGS_PER_API_MAX) {
      return conflict(tooManyLogs(next.shards));
    }
    return ok({
      body: showApi(next, await listTopics(db, api.id)),
      writes: [
        updateApi(db, next),
        spreadTopics(db, api.id, next.shards),
        ...tellOfSettings(db, api, next, generation),
      ],
      audit: { action: "api.update", subject: api.id, organizations: [api.organizationId] },
    });
  },
});

/** Who has to know at once: the logs and who publishes to them, of what concerns them; subscribers, of whether they may still see the API. */
function tellOfSettings(db: D1Database, api: Api, next: Api, generation: string): D1PreparedStatement[] {
  const concernsLogs = (["access", "validation", "retentionDays", "maxUndeliveredDays", "shards"] as const).some(
    (name) => next[name] !== api[name],
  );
  return [
    ...(concernsLogs ? [pushTopics(db, api.id, generation)] : []),
    ...(next.visibility === api.visibility ? [] : tellSubscribers(db, { apiId: api.id }, next.updatedMs, generation)),
  ];
}

function mergeSettings(api: Api, patch: z.output<typeof ApiPatch>): ApiSettings {
  const keep = <T>(value: T | undefined, current: T): T => (value === undefined ? current : value);
  return {
    visibility: keep(patch.visibility, api.visibility),
    access: keep(patch.access, api.access),
    approval: keep(patch.approval, api.approval),
    validation: keep(patch.validation, api.validation),
    retentionDays: keep(patch.retentionDays, api.retentionDays),
    maxUndeliveredDays: keep(patch.maxUndeliveredDays, api.maxUndeliveredDays),
    shards: keep(patch.shards, api.shards),
    region: keep(patch.region, api.region),
    documentation: keep(patch.documentation, api.documentation),
    support: keep(patch.support, api.support),
    pricing: keep(patch.pricing, api.pricing),
    terms: keep(patch.terms, api.terms),
  };
}

const removeApi = write({
  method: "delete",
  path: "/v1/apis/{id}",
  tag: "APIs",
  summary: "Delete an API with its credentials and subscriptions",
  action: "api.delete",
  names: anApi,
  status: 204,
  body: null,
  answers: z.null(),
  handle: async ({ db, named: api, generation }) =>
    ok({
      body: null,
      writes: [
        pushSubscriptions(db, { apiId: api.id }, generation),
        pushTopics(db, api.id, generation),
        deleteApi(db, api.id),
      ],
      audit: { action: "api.delete", subject: api.id, organizations: [api.organizationId] },
    }),
});

const listApiSubscribers = read({
  path: "/v1/apis/{id}/subscriptions",
  tag: "APIs",
  summary: "List who subscribes to an API, for its publisher",
  action: "api.read",
  names: anApi,
  query: PageQuery,
  answers: PageOf(SubscriberView),
  handle: async ({ db, named: api, query }) =>
    ok(toPage(await listSubscribers(db, api.id, toPageRequest(query)), showSubscriber)),
});

export const apiRoutes = [listOwnApis, readApi, patchApi, removeApi, listApiSubscribers];
