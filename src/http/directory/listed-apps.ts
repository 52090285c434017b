import { z } from "zod";
import { ok } from "../../kernel/result.ts";
import { ConsentStatus } from "../../registry/consents.ts";
import { type ListedApp, listListedApps } from "../../registry/listed-apps.ts";
import { read } from "../call/call.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { Id, Line, toTimeOrNull } from "../fields.ts";

const SEARCH_CHARS_MAX = 200;

const ListedAppView = z.object({
  /** What `POST /v1/consents` names. */
  subscriptionId: z.string(),
  app: z.object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    website: z.string().nullable(),
  }),
  organization: z.object({ id: z.string(), name: z.string() }),
  api: z.object({ id: z.string(), title: z.string() }),
  channels: z.array(z.string()).nullable(),
  /** The caller's own consent, if there is one. */
  consent: z.object({ id: z.string(), status: ConsentStatus, expiresAt: z.string().nullable() }).nullable(),
});

const showListedApp = ({ consent, ...listed }: ListedApp): z.infer<typeof ListedAppView> => ({
  subscriptionId: listed.subscriptionId,
  app: listed.app,
  organization: listed.organization,
  api: listed.api,
  channels: listed.channels,
  consent: consent && { id: consent.id, status: consent.status, expiresAt: toTimeOrNull(consent.expiresMs) },
});

export const searchListedApps = read({
  path: "/v1/directory/apps",
  tag: "Directory",
  summary: "Search the apps that let data owners find them: what each would receive with the organization's consent",
  action: "directory.apps",
  query: PageQuery.extend({ q: Line(SEARCH_CHARS_MAX).default(""), apiId: Id.optional() }),
  answers: PageOf(ListedAppView),
  handle: async ({ db, caller, query }) =>
    ok(toPage(await listListedApps(db, caller.organizationId, query, toPageRequest(query)), showListedApp)),
});
